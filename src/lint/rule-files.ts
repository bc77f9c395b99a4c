import * as z from 'zod'
import { readPromql } from './promql.ts'
import type { Located, Read } from './rule.ts'
import type { AlertExpectation, AlertRule } from './watch.ts'
import { readYamlFile } from './yaml-file.ts'

const texts = z.record(z.string(), z.string())
const rulesSchema = z.looseObject({
  groups: z.array(
    z.looseObject({
      rules: z.array(
        z.looseObject({
          alert: z.string().optional(),
          record: z.string().optional(),
          expr: z.coerce.string(),
          labels: texts.optional(),
          annotations: texts.optional(),
        }),
      ),
    }),
  ),
})
const testsSchema = z.looseObject({
  tests: z.array(
    z.looseObject({
      alert_rule_test: z
        .array(z.looseObject({ alertname: z.string(), exp_alerts: z.array(z.unknown()).nullish() }))
        .optional(),
      promql_expr_test: z
        .array(z.looseObject({ expr: z.string(), exp_samples: z.array(z.unknown()).nullish() }))
        .optional(),
    }),
  ),
})

export interface RuleFile {
  readonly alerts: readonly AlertRule[]
  readonly recordings: readonly (readonly [name: string, expr: Located<string>])[]
  readonly queries: readonly Located<string>[]
}

/** https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ */
export function readRuleFile(file: string, text: string): Read<RuleFile> {
  const read = readYamlFile(file, text, rulesSchema)
  if (read.problems !== undefined) return read
  const { values, at } = read.value
  const rules = values.groups.flatMap(({ rules: list }, group) =>
    list.map((rule, index) => ({ ...rule, place: (key: string) => at('groups', group, 'rules', index, key) })),
  )
  return {
    value: {
      alerts: rules.flatMap(({ alert: name, labels = {}, annotations = {}, place }) =>
        name === undefined ? [] : [{ name, labels, annotations, at: place('alert') }],
      ),
      recordings: rules.flatMap(({ record, expr, place }) =>
        record === undefined ? [] : [[record, { value: expr, at: place('expr') }] as const],
      ),
      queries: rules.flatMap(({ expr, annotations: { query } = {}, place }) => [
        { value: expr, at: place('expr') },
        ...(query === undefined ? [] : [{ value: query, at: place('annotations') }]),
      ]),
    },
  }
}

/** https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/ */
export function readRuleTests(file: string, text: string): Read<AlertExpectation[]> {
  const read = readYamlFile(file, text, testsSchema)
  if (read.problems !== undefined) return read
  const { values, at } = read.value
  const fires = (expected: readonly unknown[] | null | undefined) => (expected ?? []).length > 0
  return {
    value: values.tests.flatMap(({ alert_rule_test: byName = [], promql_expr_test: bySeries = [] }, index) => [
      ...byName.map(({ alertname, exp_alerts: expected }) => {
        return { alert: alertname, fires: fires(expected), at: at('tests', index) }
      }),
      ...bySeries.flatMap(({ expr, exp_samples: expected }) =>
        readPromql(expr)
          .selectors.filter(({ metric }) => metric === 'ALERTS')
          .flatMap(({ matchers }) => matchers.filter(({ label }) => label === 'alertname'))
          .map(({ value: alert }) => ({ alert, fires: fires(expected), at: at('tests', index) })),
      ),
    ]),
  }
}
