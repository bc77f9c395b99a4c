/**
 * Tests of the alerts for `promtool test rules`, made from their trials: each fires, stays silent just below, resolves.
 * https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
 */
import type { Alert } from '../../src/slo/alert.ts'
import { thisMachine } from '../../src/slo/alert-texts.ts'
import type { AlertTrial } from '../../src/slo/alert-trial.ts'
import { type AlertedDeployment, alertGroups } from '../../src/slo/alerts.ts'
import { promTime } from '../../src/slo/prom-time.ts'
import { recordingGroups } from '../../src/slo/recording-rules.ts'
import type { GeneratedFile } from '../generated-file.ts'
import { annotationsOf, labelsOf } from './prometheus-rules.ts'
import { trialValues } from './trial-values.ts'
import { yamlText } from './yaml-text.ts'

export const testsDirectory = 'ops/prometheus/tests'
const { span } = promTime()

export function ruleTestFiles(deployment: AlertedDeployment): GeneratedFile[] {
  const groups = alertGroups(deployment)
  const all = groups.flatMap(({ name: group, alerts }) => alerts.map((alert) => ({ alert, group })))
  return all.map(({ alert, group }) => {
    const isAlone = all.filter((other) => other.alert.name === alert.name).length === 1
    const file = [alert.name, ...Object.values(alert.labels ?? {})].join('-')
    return {
      path: `${testsDirectory}/${file}.yml`,
      text: yamlText(`Tests of ${file}, from its trials in src/slo. Run: promtool test rules FILE`, {
        rule_files: ['recording-rules', group].map((name) => `../rules/${name}.yml`),
        evaluation_interval: span(stepOf(alert)),
        // What is recorded comes first, as an alert of the same instant reads it.
        group_eval_order: [...recordingGroups.map(({ name }) => name), group],
        tests: alert.trials.flatMap((trial) => testsOf(alert, trial, isAlone)),
      }),
    }
  })
}

function stepOf({ name, trials }: Alert): number {
  const [stepMs, ...others] = new Set(trials.map((trial) => trial.stepMs))
  if (stepMs === undefined || others.length > 0) throw new Error(`${name} needs trials, all with the same stepMs`)
  return stepMs
}

function testsOf(alert: Alert, trial: AlertTrial, isAlone: boolean) {
  const { what, stepMs, wellMs, faultMs, silentUntilMs, firesAfterMs, resolvesAfterMs, neverSilent } = trial
  const expect = isAlone ? alertExpectation : seriesExpectation
  const fired = wellMs + firesAfterMs
  const silent = [...(neverSilent ? [] : [wellMs]), ...(silentUntilMs === undefined ? [] : [wellMs + silentUntilMs])]
  const resolved = resolvesAfterMs === undefined ? [] : [wellMs + faultMs + resolvesAfterMs]
  const over = Math.max(fired, ...resolved)
  const input = (phase: 'fault' | 'below') =>
    trial.series.map((series) => ({ series: series.name, values: trialValues(trial, series, phase, over) }))
  const interval = span(stepMs)
  return [
    {
      name: `fires: ${what}`,
      interval,
      input_series: input('fault'),
      ...expect(alert, trial, [
        // At the instant of the fault itself it may fire already.
        ...silent.map((at) => ({ at: at === wellMs ? at - stepMs : at, fires: false })),
        { at: fired, fires: true },
        ...resolved.map((at) => ({ at, fires: false })),
      ]),
    },
    ...(neverSilent
      ? []
      : [
          {
            name: `stays silent: not quite, ${what}`,
            interval,
            input_series: input('below'),
            ...expect(alert, trial, [
              { at: fired, fires: false },
              { at: over, fires: false },
            ]),
          },
        ]),
  ]
}

type Moment = { readonly at: number; readonly fires: boolean }

function alertExpectation(alert: Alert, trial: AlertTrial, moments: readonly Moment[]) {
  const expected = labelSets(trial).map((labels) => ({
    exp_labels: { ...labelsOf(alert), ...labels },
    exp_annotations: filledIn(alert, trial, labels),
  }))
  return {
    alert_rule_test: moments.map(({ at, fires }) => ({
      eval_time: span(at),
      alertname: alert.name,
      exp_alerts: fires ? expected : [],
    })),
  }
}

/** `alert_rule_test` knows alerts by name alone; where several rules share one, the series that it writes tells them. */
function seriesExpectation(alert: Alert, trial: AlertTrial, moments: readonly Moment[]) {
  const own = Object.entries({ ...labelsOf(alert), alertname: alert.name, alertstate: 'firing' })
  const selector = `ALERTS{${own.map(([label, value]) => `${label}="${value}"`).join(',')}}`
  const expected = labelSets(trial).map((labels) => {
    const pairs = [...own, ...Object.entries(labels)].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return { labels: `ALERTS{${pairs.map(([label, value]) => `${label}="${value}"`).join(',')}}`, value: 1 }
  })
  return {
    promql_expr_test: moments.map(({ at, fires }) => ({
      expr: selector,
      eval_time: span(at),
      exp_samples: fires ? expected : [],
    })),
  }
}

const labelSets = ({ labels = [{}] }: AlertTrial) => labels

function filledIn(alert: Alert, { value = '' }: AlertTrial, labels: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(annotationsOf(alert)).map(([annotation, text]) => {
      const filled = text
        .replaceAll(thisMachine, 'm1 (iad)')
        .replaceAll(/\{\{ \$value[^}]*\}\}/g, value)
        .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_all, label: string) => labels[label] ?? '')
      if (filled.includes('{{')) throw new Error(`${alert.name}: its test can't fill in the template of ${annotation}`)
      return [annotation, filled]
    }),
  )
}
