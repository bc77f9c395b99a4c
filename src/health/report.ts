/** Records → what to say. Pure; the only place where an overall status is computed. */
import type { LifecycleState } from '../lifecycle/lifecycle.ts'
import type { CheckRecord, CheckStatus, ReasonCode } from './check.ts'

export type HealthStatus = 'starting' | 'healthy' | 'degraded' | 'unhealthy' | 'draining'

/** Why a check is not healthy. `since` is ISO 8601; absent for a check that never had a run. */
export interface Reason {
  readonly check: string
  readonly status: CheckStatus
  readonly code: ReasonCode
  readonly since?: string
  readonly consecutiveFailures: number
  /** For holders of the operator token only; a format prints it when told to. */
  readonly message?: string
}

export interface HealthReport {
  readonly status: HealthStatus
  /** When the oldest of the failures behind `status` began, epoch milliseconds. */
  readonly since?: number
  readonly records: readonly CheckRecord[]
  /** Critical checks first, then by name. */
  readonly reasons: readonly Reason[]
}

export interface Readiness {
  readonly status: 'ready' | 'starting' | 'draining' | 'unhealthy'
  readonly reasons: readonly Reason[]
}

const severities = ['healthy', 'degraded', 'unhealthy'] as const
type Severity = (typeof severities)[number]

export function buildReport(lifecycleState: LifecycleState, given: readonly CheckRecord[]): HealthReport {
  const records = lifecycleState === 'starting' ? given : given.map(unknownAsStale)
  const worst = worstSeverity(records.map(severityOf))
  const blamed = records.flatMap((record) =>
    severityOf(record) === worst && worst !== 'healthy' && record.since !== undefined ? [record.since] : [],
  )
  return {
    status: overallStatus(lifecycleState, worst),
    since: blamed.length === 0 ? undefined : Math.min(...blamed),
    records,
    reasons: reasonsFor(records),
  }
}

/**
 * Should traffic come to this machine? Shared checks count only when `strict`: Fly's proxy fails closed, so machines
 * that all turn themselves away for the one database would leave callers with the proxy's own 503.
 */
export function readiness(lifecycleState: LifecycleState, given: readonly CheckRecord[], strict: boolean): Readiness {
  const counted = given.filter((record) => record.critical && (strict || record.scope === 'local'))
  const { status, reasons } = buildReport(lifecycleState, counted)
  return { status: status === 'healthy' || status === 'degraded' ? 'ready' : status, reasons }
}

/** A critical check that had no run although the start is over: as good as a result that nobody renews. */
function unknownAsStale(record: CheckRecord): CheckRecord {
  return record.status === 'unknown' && record.critical ? { ...record, status: 'stale', code: 'stale' } : record
}

function severityOf({ status, critical }: CheckRecord): Severity {
  switch (status) {
    case 'unhealthy':
    case 'stale':
      return critical ? 'unhealthy' : 'degraded'
    case 'degraded':
      return 'degraded'
    case 'healthy':
    case 'unknown':
    case 'idle':
    case 'not configured':
      return 'healthy'
  }
}

function worstSeverity(found: readonly Severity[]): Severity {
  return found.reduce((worst, next) => (severities.indexOf(next) > severities.indexOf(worst) ? next : worst), 'healthy')
}

function overallStatus(lifecycleState: LifecycleState, worst: Severity): HealthStatus {
  switch (lifecycleState) {
    case 'starting':
      return 'starting'
    case 'ready':
      return worst
    case 'draining':
    case 'stopped':
      return 'draining'
  }
}

function reasonsFor(records: readonly CheckRecord[]): Reason[] {
  return records
    .filter((record) => severityOf(record) !== 'healthy')
    .sort((a, b) => Number(b.critical) - Number(a.critical) || (a.name < b.name ? -1 : 1))
    .map((record) => ({
      check: record.name,
      status: record.status,
      code: record.code ?? 'check_failed',
      since: record.since === undefined ? undefined : new Date(record.since).toISOString(),
      consecutiveFailures: record.consecutiveFailures,
      message: record.message,
    }))
}
