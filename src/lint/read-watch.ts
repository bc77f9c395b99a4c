import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readAlertmanagerConf } from './alertmanager-conf.ts'
import { readDashboard } from './dashboard.ts'
import type { Read } from './rule.ts'
import { readRuleFile, readRuleTests } from './rule-files.ts'
import { readRunbook } from './runbook.ts'
import type { Watch } from './watch.ts'

const watchFiles = {
  rules: 'ops/prometheus/rules/*.yml',
  tests: 'ops/prometheus/tests/*.yml',
  runbooks: 'ops/runbooks/*.md',
  dashboards: 'ops/grafana/dashboards/*.json',
  alertmanager: 'ops/alertmanager/alertmanager.yml',
} as const

/** What watches the service, from a project's root. */
export function readWatch(directory: string): Read<Watch> {
  const texts = (pattern: string) =>
    globSync(pattern, { cwd: directory })
      .toSorted()
      .map((file) => ({ file, text: readFileSync(join(directory, file), 'utf8') }))
  const rules = texts(watchFiles.rules).map(({ file, text }) => readRuleFile(file, text))
  const tests = texts(watchFiles.tests).map(({ file, text }) => readRuleTests(file, text))
  const alertmanagers = texts(watchFiles.alertmanager).map(({ file, text }) => readAlertmanagerConf(file, text))
  const runbooks = texts(watchFiles.runbooks).map(({ file, text }) => readRunbook(file, basename(file, '.md'), text))
  const dashboards = texts(watchFiles.dashboards).map(({ file, text }) => readDashboard(file, text))
  const problems = [...rules, ...tests, ...dashboards, ...alertmanagers].flatMap((each) => each.problems ?? [])
  if (problems.length > 0) return { problems }
  const ruleFiles = rules.flatMap(({ value }) => value ?? [])
  return {
    value: {
      alerts: ruleFiles.flatMap(({ alerts }) => alerts),
      recordings: new Map(ruleFiles.flatMap(({ recordings }) => recordings)),
      queries: [
        ...[...ruleFiles, ...runbooks].flatMap(({ queries }) => queries),
        ...dashboards.flatMap(({ value }) => value ?? []),
      ],
      expectations: tests.flatMap(({ value }) => value ?? []),
      runbooks,
      alertmanager: alertmanagers[0]?.value,
    },
  }
}
