import type { EventLoopLag } from '../../telemetry/event-loop-lag.ts'
import { CheckFailure, type CheckReading } from '../check.ts'
import type { CheckWork } from './check-work.ts'

/** Half of what a health answer may take at most (SC-004). */
const blockedMs = 500
/** A delay that a person begins to notice. */
const slowMs = 100
/** One pause as long as the slowest health answer may be (SC-004); once is a warning, not an outage. */
const longPauseMs = 1_000

/** Does this process still turn over fast enough to serve? */
export function createEventLoopCheck(options: { eventLoopLag: Pick<EventLoopLag, 'last' | 'running'> }): CheckWork {
  const { eventLoopLag } = options

  function run(): CheckReading {
    const last = eventLoopLag.last()
    const running = eventLoopLag.running()
    // The open window shows a block at once, but so few samples that a single pause fills its upper percentiles:
    // there half of the turns must be late before it counts.
    const lateMs = Math.round(Math.max(last?.p99Ms ?? 0, running?.p50Ms ?? 0))
    const pauseMs = Math.round(Math.max(last?.maxMs ?? 0, running?.maxMs ?? 0))
    const reading = { observedValue: lateMs, observedUnit: 'ms', threshold: blockedMs }
    const message = `the event loop was late by ${lateMs} ms, once by ${pauseMs} ms`
    if (lateMs >= blockedMs) throw new CheckFailure('event_loop_blocked', message, reading)
    if (lateMs >= slowMs || pauseMs >= longPauseMs) {
      return { ...reading, degraded: { code: 'event_loop_blocked', message } }
    }
    return reading
  }

  return { run }
}
