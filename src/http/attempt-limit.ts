/**
 * Counts attempts per client in fixed windows. One map a window, dropped whole when the window ends, and bounded:
 * clients beyond the bound share one count, so a flood of forged addresses can't grow the memory.
 */
export interface AttemptLimit {
  /** Whole seconds to wait, or undefined while the client may go on. */
  retryAfterSeconds(client: string): number | undefined
  count(client: string): void
}

const clientsMax = 10_000
const everyoneElse = ''

export function createAttemptLimit(options: {
  attemptsMax: number
  windowMs: number
  monotonicMs: () => number
}): AttemptLimit {
  const { attemptsMax, windowMs, monotonicMs } = options
  let counts = new Map<string, number>()
  let windowEndsMs = monotonicMs() + windowMs

  const current = (): Map<string, number> => {
    const now = monotonicMs()
    if (now >= windowEndsMs) {
      counts = new Map()
      windowEndsMs = now + windowMs
    }
    return counts
  }
  const keyOf = (client: string) => (counts.has(client) || counts.size < clientsMax ? client : everyoneElse)

  return {
    retryAfterSeconds(client) {
      if ((current().get(keyOf(client)) ?? 0) < attemptsMax) return undefined
      return Math.max(1, Math.ceil((windowEndsMs - monotonicMs()) / 1_000))
    },
    count(client) {
      const map = current()
      const key = keyOf(client)
      map.set(key, (map.get(key) ?? 0) + 1)
    },
  }
}
