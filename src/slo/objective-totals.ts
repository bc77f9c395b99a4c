import type { SloObjective } from '../telemetry/metric-definitions.ts'

/** Events of one objective in one window. */
export interface ObjectiveTotals {
  readonly objective: SloObjective
  readonly good: number
  readonly total: number
}

/** From `from`, itself within, to `to`, itself not. */
export interface TimeWindow {
  readonly from: Date
  readonly to: Date
}

/** For each window, in the order given, its totals; an objective without an event may be missing. */
export type ReadObjectiveTotals = (windows: readonly TimeWindow[]) => Promise<readonly (readonly ObjectiveTotals[])[]>
