import { pause } from './pause.ts'

/** One probe's turn. */
export interface Turn {
  /** From 0; what was missed has a number too. */
  readonly index: number
  /** By the monotonic clock. */
  readonly dueMs: number
  /** How much later than due it begins. */
  readonly lateMs: number
}

export interface Schedule {
  /** The turns as they come due. Ends after the last one, or when the signal aborts. */
  turns(signal: AbortSignal): AsyncGenerator<Turn>
  /** Turns that never were: the prober slept or was stopped over them. */
  missed(): number
}

/** A timer of Node.js holds 31 bits of milliseconds; a longer one would fire at once. */
const timerMaxMs = 2_147_483_647

/**
 * An open schedule: turn i is due `i × stepMs` after the first, whatever became of those before it, so a service that
 * hangs can't slow down the probes that would show it (coordinated omission: G. Tene, "How NOT to Measure Latency",
 * 2013). A turn that is overdue by a whole step is missed and counted: a laptop that wakes fires one probe, no burst.
 * Where the monotonic clock stands still in a suspend, as on Linux, the schedule goes on where it was.
 */
export function createSchedule(options: {
  stepMs: number
  /** Infinity: for ever. */
  count: number
  monotonicMs: () => number
}): Schedule {
  const { stepMs, count, monotonicMs } = options
  let missed = 0

  async function* turns(signal: AbortSignal): AsyncGenerator<Turn> {
    const beginMs = monotonicMs()
    for (let index = 0; index < count && !signal.aborted; index += 1) {
      const dueMs = beginMs + index * stepMs
      await untilMs(dueMs, signal)
      if (signal.aborted) return
      const lateMs = Math.max(0, monotonicMs() - dueMs)
      if (lateMs >= stepMs) missed += 1
      else yield { index, dueMs, lateMs }
    }
  }

  async function untilMs(dueMs: number, signal: AbortSignal): Promise<void> {
    for (let leftMs = dueMs - monotonicMs(); leftMs > 0 && !signal.aborted; leftMs = dueMs - monotonicMs()) {
      await pause(Math.min(leftMs, timerMaxMs), signal)
    }
  }

  return { turns, missed: () => missed }
}
