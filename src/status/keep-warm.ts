/**
 * Reads the history at the start and now and then, so that there is one to show when the database goes away before
 * anybody looked at the page. Not while idle: a database that scales to zero may sleep.
 */
export function keepWarm(options: {
  warm: () => Promise<void>
  isIdle: () => boolean
  onError: (error: unknown) => void
  everyMs?: number
}): { stop(): void } {
  const { warm, isIdle, onError, everyMs = 5 * 60_000 } = options
  const read = () => {
    if (!isIdle()) warm().catch(onError)
  }
  read()
  const timer = setInterval(read, everyMs).unref()
  return { stop: () => clearInterval(timer) }
}
