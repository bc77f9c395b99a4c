/**
 * One reading for all who ask within `freshMs`, and never two at once: a public path costs the database the same
 * however many ask. A failed reading is not kept: the next one who asks tries anew.
 */
export function createSharedRead<T>(options: {
  read: () => Promise<T>
  freshMs: number
  monotonicMs: () => number
}): () => Promise<T> {
  const { read, freshMs, monotonicMs } = options
  let known: { readonly value: T; readonly readAtMs: number } | undefined
  let running: Promise<T> | undefined

  async function readAnew(): Promise<T> {
    const readAtMs = monotonicMs()
    try {
      const value = await read()
      known = { value, readAtMs }
      return value
    } finally {
      running = undefined
    }
  }

  return async () => {
    if (known !== undefined && monotonicMs() - known.readAtMs < freshMs) return known.value
    running ??= readAnew()
    return running
  }
}
