/** Calls back once after `delayMs`; what it answers cancels the call. */
export type SetTimer = (callback: () => void, delayMs: number) => () => void

/** Never the reason that a process stays alive: the listening server is. */
export const setUnrefTimer: SetTimer = (callback, delayMs) => {
  const timer = setTimeout(callback, delayMs)
  timer.unref()
  return () => clearTimeout(timer)
}
