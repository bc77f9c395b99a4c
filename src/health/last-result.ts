import type { CheckRecord, ConfiguredCheck } from './check.ts'
import type { RunOutcome } from './check-run.ts'
import { advance, type CheckState, isUnsettled, recordOf, type Thresholds, unknownState } from './check-state.ts'

interface LastResultOptions {
  readonly check: ConfiguredCheck
  readonly thresholds: Thresholds
  readonly monotonicMs: () => number
  readonly wallMs: () => number
}

/** What the runs of one check led to, and how old that is. */
export interface LastResult {
  /** Takes a run's outcome in. True when the next run should come soon. */
  accept(outcome: RunOutcome): boolean
  /** Counts the age from now on: at the start, after a resume, on waking. */
  renew(): void
  /** Idle from now on: nothing of before counts, and nothing ages. */
  rest(): void
  record(nowMs: number): CheckRecord
  /** Monotonic instant from which the result counts as stale; Infinity while it can't age. */
  staleAtMs(): number
}

export function createLastResult({ check, thresholds, monotonicMs, wallMs }: LastResultOptions): LastResult {
  const staleAfterMs = 3 * check.intervalMs + check.timeoutMs
  let state: CheckState = unknownState
  let freshMs = Number.POSITIVE_INFINITY
  /** The same instant on the wall, so that a clock which jumps later can't move `since`. */
  let freshAt = 0

  const staleAtMs = (): number => freshMs + staleAfterMs
  const staleSince = (): number => state.since ?? freshAt + staleAfterMs

  function renew(): void {
    freshMs = monotonicMs()
    freshAt = wallMs()
  }

  return {
    accept(outcome) {
      // Out of staleness the first run decides, or a failing check would pass through `degraded` on its way from
      // stale to unhealthy and look better for a moment.
      const found: CheckState =
        monotonicMs() >= staleAtMs() ? { ...state, status: 'unknown', since: staleSince() } : state
      renew()
      state = advance(found, outcome, freshAt, thresholds)
      return isUnsettled(state, outcome.verdict, thresholds)
    },
    renew,
    rest() {
      state = { ...unknownState, status: 'idle', checkedAt: state.checkedAt }
      freshMs = Number.POSITIVE_INFINITY
    },
    record(nowMs) {
      const record = recordOf(check, state)
      if (nowMs < staleAtMs()) return record
      const message = `no result for more than ${staleAfterMs} ms`
      return { ...record, status: 'stale', code: 'stale', message, since: staleSince() }
    },
    staleAtMs,
  }
}
