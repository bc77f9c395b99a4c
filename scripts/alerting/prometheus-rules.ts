/** The alert table and the recordings as Prometheus' rule files. */
import type { Alert } from '../../src/slo/alert.ts'
import { type AlertedDeployment, alertGroups } from '../../src/slo/alerts.ts'
import { type PromTime, promTime } from '../../src/slo/prom-time.ts'
import { recordingGroups } from '../../src/slo/recording-rules.ts'
import type { GeneratedFile } from '../generated-file.ts'
import { yamlText } from './yaml-text.ts'

export const rulesDirectory = 'ops/prometheus/rules'
export const runbookOf = (alert: string) => `ops/runbooks/${alert}.md`

/** `time`: how long a minute is; a test shortens all of them. */
export function ruleFiles(deployment: AlertedDeployment, time: PromTime = promTime()): GeneratedFile[] {
  const recordings = recordingGroups.map(({ name, intervalMs, rules }) => ({
    name,
    interval: intervalMs === undefined ? undefined : time.span(intervalMs),
    rules: rules.map(({ record, labels, expr }) => ({ record, labels, expr: expr(time) })),
  }))
  return [
    file('recording-rules', 'What several alerts and dashboards ask for; from src/slo/recording-rules.ts.', recordings),
    ...alertGroups(deployment).map(({ name, alerts }) =>
      file(name, `Alerts; from src/slo/${name}.ts.${note(name, deployment)}`, [
        { name, rules: alerts.map((alert) => ruleOf(alert, time)) },
      ]),
    ),
  ]
}

/** The texts of an alert, as Prometheus has them before it fills in labels and value. */
export function annotationsOf({ name, summary, description, query }: Alert): Record<string, string> {
  return { summary, description, query, runbook: runbookOf(name) }
}

export function labelsOf({ severity, labels }: Alert): Record<string, string> {
  return { severity, ...labels }
}

function ruleOf(alert: Alert, time: PromTime) {
  return {
    alert: alert.name,
    expr: alert.expr(time),
    for: alert.forMs === 0 ? undefined : time.span(alert.forMs),
    keep_firing_for: alert.keepFiringForMs === undefined ? undefined : time.span(alert.keepFiringForMs),
    labels: labelsOf(alert),
    annotations: annotationsOf(alert),
  }
}

function file(name: string, comment: string, groups: unknown): GeneratedFile {
  return { path: `${rulesDirectory}/${name}.yml`, text: yamlText(comment, { groups }) }
}

function note(group: string, { alwaysRuns }: AlertedDeployment): string {
  if (group !== 'watch-alerts') return ''
  return alwaysRuns
    ? '\nfly.toml keeps a machine running, so that silence is a fault: MetricsAbsent is among them.'
    : '\nBy fly.toml all machines may sleep, so that silence is no fault: MetricsAbsent is left out.'
}
