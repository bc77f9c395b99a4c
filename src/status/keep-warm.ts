/** Who woke this machine waits for an answer and not for this. */
const firstAfterMs = 10_000
const everyMs = 5 * 60_000

/**
 * Reads the history soon after the start and now and then, so that there is one to show when the database goes away before
 * anybody looked at the page. Not while idle: a database that scales to zero may sleep.
 */
export function keepWarm(options: {
  warm: () => Promise<void>
  isIdle: () => boolean
  onError: (error: unknown) => void
}): { stop(): void } {
  const { warm, isIdle, onError } = options
  const read = () => {
    if (!isIdle()) warm().catch(onError)
  }
  const first = setTimeout(read, firstAfterMs).unref()
  const timer = setInterval(read, everyMs).unref()
  return {
    stop() {
      clearTimeout(first)
      clearInterval(timer)
    },
  }
}
