export interface SleepWatch {
  /** Begins to look; the answer tells whether the prober slept since. */
  begin(): () => boolean
  stop(): void
}

const tickMs = 200
/** A tick that is so late: this process did not run, or did nothing but something else. */
const gapMaxMs = 1_000
/** The wall clock went so much further than the monotonic one, which on Linux stands still in a suspend. */
const stepMaxMs = 2_000

/**
 * A laptop that is closed, a container that is stopped, a core that is gone: a probe that was under way then measured
 * the prober. (The service has its own look at the same, src/lifecycle/resume-detector.ts; it is another program.)
 */
export function createSleepWatch(clock: { monotonicMs: () => number; wallMs: () => number }): SleepWatch {
  const { monotonicMs, wallMs } = clock
  let sleeps = 0
  let lastMs = monotonicMs()
  let lastOffsetMs = wallMs() - lastMs

  function look(): void {
    const nowMs = monotonicMs()
    const offsetMs = wallMs() - nowMs
    if (nowMs - lastMs > tickMs + gapMaxMs || offsetMs - lastOffsetMs > stepMaxMs) sleeps += 1
    lastMs = nowMs
    lastOffsetMs = offsetMs
  }

  const timer = setInterval(look, tickMs)
  return {
    begin() {
      look()
      const before = sleeps
      return () => {
        look()
        return sleeps > before
      }
    },
    stop: () => clearInterval(timer),
  }
}
