/** A closed terminal is a wish to stop too: the report is in the files then. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** npm sends the SIGINT of a terminal on to its child, which got it from the terminal already: one Ctrl-C is two. */
const sameWishMs = 500
const signalNumbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const

/** The first signal asks for an end, a later one ends the process there and then. */
export function catchStopSignals(): { readonly stopped: AbortSignal } {
  const stopping = new AbortController()
  let askedMs: number | undefined
  for (const name of stopSignals) {
    process.on(name, () => {
      const nowMs = performance.now()
      if (askedMs === undefined) {
        askedMs = nowMs
        stopping.abort()
      } else if (nowMs - askedMs > sameWishMs) {
        // 128 and the number of the signal, as a shell tells it.
        process.exit(128 + signalNumbers[name])
      }
    })
  }
  return { stopped: stopping.signal }
}
