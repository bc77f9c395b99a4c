/** Events of one objective in one window. */
export interface ObjectiveTotals {
  readonly objective: string
  readonly good: number
  readonly total: number
}

export interface TimeWindow {
  readonly from: Date
  readonly to: Date
}

/** For each window, in the order given, its totals; an objective without an event may be missing. */
export type ReadObjectiveTotals = (windows: readonly TimeWindow[]) => Promise<readonly (readonly ObjectiveTotals[])[]>
