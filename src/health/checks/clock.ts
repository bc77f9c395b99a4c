import type { CheckReading } from '../check.ts'
import type { CheckWork } from './check-work.ts'

/** Far above what time synchronisation corrects smoothly (at most 0.5 ms a second), far below what breaks a token's expiry. */
const jumpMs = 2_000

/**
 * Did the wall clock step since the last run? The monotonic clock never does. Forwards is told only of what is no
 * resume: the resume detector looks before every run, with the same limit, and a resume calls `release`.
 */
export function createClockCheck(options: { wallMs: () => number; monotonicMs: () => number }): CheckWork {
  const { wallMs, monotonicMs } = options
  let lastOffsetMs = wallMs() - monotonicMs()

  function compare(offsetMs: number): CheckReading {
    const steppedMs = Math.round(offsetMs - lastOffsetMs)
    const reading = { observedValue: steppedMs, observedUnit: 'ms', threshold: jumpMs }
    if (Math.abs(steppedMs) <= jumpMs) return reading
    const message = `the wall clock stepped by ${steppedMs} ms since the last run`
    return { ...reading, degraded: { code: 'clock_jumped', message } }
  }

  function run(): CheckReading {
    const offsetMs = wallMs() - monotonicMs()
    const reading = compare(offsetMs)
    lastOffsetMs = offsetMs
    return reading
  }

  return {
    run,
    // Leaves the reference alone: a step seen here is still news to the background run.
    runDeep: () => compare(wallMs() - monotonicMs()),
    // After a resume the wall clock is ahead by the time slept, and rightly so. Backwards is news all the same.
    release() {
      lastOffsetMs = Math.max(lastOffsetMs, wallMs() - monotonicMs())
    },
  }
}
