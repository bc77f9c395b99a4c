/** Every alert, declared once: Prometheus' rules and their tests, Alertmanager's inhibitions and the runbooks' names. */
import type { Alert, Inhibition } from './alert.ts'
import { burnAlerts } from './burn-rate-alerts.ts'
import { healthAlerts } from './health-alerts.ts'
import { type MachineCosts, machineAlerts } from './machine-alerts.ts'
import { trafficAlerts } from './traffic-alerts.ts'
import { metricsAbsent, watchAlerts } from './watch-alerts.ts'

export interface AlertGroup {
  /** Also of the file that declares it, and of Prometheus' file. */
  readonly name: string
  readonly alerts: readonly Alert[]
}

export interface AlertedDeployment extends MachineCosts {
  /** Whether a machine runs while nobody asks. Where all may sleep, "no metrics" can't tell sleep from an outage. */
  readonly alwaysRuns: boolean
}

export function alertGroups({ alwaysRuns, ...costs }: AlertedDeployment): readonly AlertGroup[] {
  return [
    { name: 'health-alerts', alerts: healthAlerts },
    { name: 'traffic-alerts', alerts: trafficAlerts },
    { name: 'machine-alerts', alerts: machineAlerts(costs) },
    { name: 'burn-rate-alerts', alerts: burnAlerts },
    { name: 'watch-alerts', alerts: alwaysRuns ? [...watchAlerts, metricsAbsent] : watchAlerts },
  ]
}

const inhibitions: readonly Inhibition[] = [
  {
    cause: 'DatabaseConnectionFailed',
    silences: [
      ...['HealthCheckFailed', 'HealthDegraded', 'HighErrorRate', 'ElevatedResponseTime', 'PoolStuck', 'SlowQueries'],
      ...['ErrorBudgetBurnFast', 'ErrorBudgetBurnSlow'],
    ],
  },
  { cause: 'HealthCheckFailed', silences: ['HealthDegraded', 'HealthCheckStale', 'PoolStuck'], equal: ['instance'] },
  // The objective has no machine: its budget is burnt by all of them together.
  { cause: 'HealthCheckFailed', silences: ['ErrorBudgetBurnFast', 'ErrorBudgetBurnSlow'], objective: 'health' },
  { cause: 'HighErrorRate', silences: ['ErrorBudgetBurnFast', 'ErrorBudgetBurnSlow'], equal: ['objective'] },
  { cause: 'ErrorBudgetBurnFast', silences: ['ErrorBudgetBurnSlow'], equal: ['objective'] },
  { cause: 'MetricsAbsent', silences: ['OutsideProbeFailed', 'AutoScalingEvent'] },
]

/** Those between alerts that there are. */
export function inhibitionsOf(groups: readonly AlertGroup[]): Inhibition[] {
  const names = new Set(groups.flatMap(({ alerts }) => alerts.map(({ name }) => name)))
  return inhibitions.filter(({ cause }) => names.has(cause))
}
