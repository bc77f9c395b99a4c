import type { AlertmanagerConf } from './alertmanager-conf.ts'
import type { Located, Place } from './rule.ts'
import type { Runbook } from './runbook.ts'

export interface AlertRule {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly at: Place
}

/** What `promtool test rules` is told to expect of an alert at one moment. */
export interface AlertExpectation {
  readonly alert: string
  readonly fires: boolean
  readonly at: Place
}

/** What watches the service: Prometheus' rules and their tests, Alertmanager, runbooks and dashboards. Empty where it isn't there. */
export interface Watch {
  readonly alerts: readonly AlertRule[]
  /** Name of a recorded series → the expression. */
  readonly recordings: ReadonlyMap<string, Located<string>>
  /** PromQL of rules, of their annotations, of runbooks and of dashboards. */
  readonly queries: readonly Located<string>[]
  readonly expectations: readonly AlertExpectation[]
  readonly runbooks: readonly Runbook[]
  readonly alertmanager: AlertmanagerConf | undefined
}
