import type { SloObjective } from '../telemetry/metric-definitions.ts'
import type { AlertTrial } from './alert-trial.ts'
import type { PromTime } from './prom-time.ts'

/**
 * critical: wakes a person. warning: waits for business hours. info: nobody has to act. none: goes to the heartbeat and
 * to no person.
 */
export type AlertSeverity = 'critical' | 'warning' | 'info' | 'none'

/** What Prometheus watches for, and what it tells whom. Texts may have templates of Prometheus'. */
export interface Alert {
  /** Also the name of its runbook. Several rules may have one name; then `labels` tell them apart. */
  readonly name: string
  readonly severity: AlertSeverity
  /** How long the expression must hold before anybody is told. */
  readonly forMs: number
  /** How long it stays after the expression ceased to hold; for what others follow with a delay. */
  readonly keepFiringForMs?: number
  readonly labels?: Readonly<Record<string, string>>
  /** PromQL. */
  readonly expr: (time: PromTime) => string
  /** One sentence that a person understands when woken by it. Without a full stop at the end. */
  readonly summary: string
  /** What it does to users, and the first thing to do. */
  readonly description: string
  /** PromQL that shows it: the first graph to look at. */
  readonly query: string
  /** The fault seen by Prometheus, by which its rule is tested. */
  readonly trials: readonly AlertTrial[]
}

/** Alerts that say nothing new while `cause` fires, on the same machine if `equal` names its label. */
export interface Inhibition {
  readonly cause: string
  readonly silences: readonly string[]
  readonly equal?: readonly string[]
  /** Only those of this objective. */
  readonly objective?: SloObjective
}
