import type { HealthReport, HealthStatus, Reason } from './report.ts'

export interface HealthChange {
  readonly from: HealthStatus
  readonly to: HealthStatus
  readonly reasons: readonly Reason[]
}

/** Tells when the status, or what it is blamed on, becomes another; a failure that merely goes on is no news. */
export function createChangeWatch(onChange: (change: HealthChange) => void): (report: HealthReport) => void {
  let from: HealthStatus = 'starting'
  let blamed = ''
  return ({ status, reasons }) => {
    const blame = reasons.map((reason) => `${reason.check} ${reason.status} ${reason.code}`).join('; ')
    // The first results of a start come one by one; together they are told when the start is over.
    if (status === 'starting' || (status === from && blame === blamed)) return
    const change = { from, to: status, reasons }
    from = status
    blamed = blame
    onChange(change)
  }
}
