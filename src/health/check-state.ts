/**
 * How runs become a status. Pure.
 *
 *   unknown, idle ── the first run decides ──► healthy | degraded | unhealthy
 *
 *             a run fails or reads degraded        the `failures`-th failed run in a row
 *   healthy ──────────────────────────► degraded ──────────────────────────► unhealthy
 *      ▲                                    │  ▲                                  │ │
 *      └──── `successes` good runs in a row ┘  └── `successes` runs that answered ┘ │
 *      └──── `successes` good runs in a row ───────────────────────────────────────┘
 *
 * A run that answered `degraded` counts as failed, but only runs that got no answer lead to `unhealthy`: a database
 * that has been read-only for an hour is not down because one more run timed out.
 */
import type { Check, CheckRecord, Measurement, ReasonCode } from './check.ts'
import type { RunOutcome, Verdict } from './check-run.ts'

export interface Thresholds {
  /** Failed runs in a row that make a check `unhealthy`. */
  readonly failures: number
  /** Good runs in a row that clear a failure. */
  readonly successes: number
}

export interface CheckState extends Measurement {
  readonly status: Verdict | 'unknown' | 'idle'
  readonly code?: ReasonCode
  readonly message?: string
  /** When the first failed run of this failure ended, epoch milliseconds. Kept while only the code changes. */
  readonly since?: number
  /** Runs in a row that failed or read `degraded`. */
  readonly consecutiveFailures: number
  readonly checkedAt?: number
  readonly durationMs?: number
  /** Runs in a row that got no answer · got one · got a good one. */
  readonly failedInRow: number
  readonly answeredInRow: number
  readonly healthyInRow: number
}

export const unknownState: CheckState = Object.freeze({
  status: 'unknown',
  consecutiveFailures: 0,
  failedInRow: 0,
  answeredInRow: 0,
  healthyInRow: 0,
})

/** The state after a run that ended at `endedAt` (epoch milliseconds). */
export function advance(state: CheckState, run: RunOutcome, endedAt: number, thresholds: Thresholds): CheckState {
  const streaks = {
    consecutiveFailures: run.verdict === 'healthy' ? 0 : state.consecutiveFailures + 1,
    failedInRow: run.verdict === 'unhealthy' ? state.failedInRow + 1 : 0,
    answeredInRow: run.verdict === 'unhealthy' ? 0 : state.answeredInRow + 1,
    healthyInRow: run.verdict === 'healthy' ? state.healthyInRow + 1 : 0,
  }
  const status = nextStatus(state.status, run.verdict, streaks, thresholds)
  const reason = run.verdict === 'healthy' ? state : run
  return {
    status,
    ...(status !== 'healthy' && { code: reason.code, message: reason.message, since: state.since ?? endedAt }),
    ...streaks,
    checkedAt: endedAt,
    durationMs: run.durationMs,
    observedValue: run.observedValue,
    observedUnit: run.observedUnit,
    threshold: run.threshold,
  }
}

function nextStatus(
  found: CheckState['status'],
  verdict: Verdict,
  streaks: Pick<CheckState, 'failedInRow' | 'answeredInRow' | 'healthyInRow'>,
  { failures, successes }: Thresholds,
): Verdict {
  if (found === 'unknown' || found === 'idle') return verdict
  if (streaks.failedInRow >= failures) return 'unhealthy'
  if (found === 'unhealthy' && streaks.answeredInRow < successes) return 'unhealthy'
  if (found === 'healthy' ? verdict === 'healthy' : streaks.healthyInRow >= successes) return 'healthy'
  return 'degraded'
}

/** The next run should come soon: the last one disagrees with the status, or a failure is too young to be believed. */
export function isUnsettled(state: CheckState, verdict: Verdict, { failures }: Thresholds): boolean {
  return state.status !== verdict || (state.consecutiveFailures > 0 && state.consecutiveFailures < failures)
}

export function recordOf({ name, scope, critical }: Check, state: CheckState): CheckRecord {
  const { failedInRow: _failed, answeredInRow: _answered, healthyInRow: _healthy, ...known } = state
  return { name, scope, critical, ...known }
}

export function notConfigured({ name, scope, critical }: Check): CheckRecord {
  return { name, scope, critical, status: 'not configured', consecutiveFailures: 0 }
}
