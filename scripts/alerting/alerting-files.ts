/** All that is made from the objectives and the alert table. */
import { readEnv, toConfig } from '../../src/config.ts'
import { metricsPath } from '../../src/http/metrics-listener.ts'
import { readFlyToml } from '../../src/lint/fly-toml.ts'
import { alertGroups } from '../../src/slo/alerts.ts'
import type { GeneratedFile } from '../generated-file.ts'
import { alertedDeployment } from './alerted-deployment.ts'
import { alertmanagerConfig } from './alertmanager-config.ts'
import { prometheusConfigs } from './prometheus-config.ts'
import { ruleFiles, rulesDirectory } from './prometheus-rules.ts'
import { ruleTestFiles, testsDirectory } from './rule-tests.ts'
import { runbookStub } from './runbook-stub.ts'

/** Nobody else writes there. */
export const ownedByAlerting = [`${rulesDirectory}/*`, `${testsDirectory}/*`]

export function alertingFiles(flyToml: string): GeneratedFile[] {
  const deployment = alertedDeployment(flyToml)
  const app = readFlyToml('fly.toml', flyToml).value?.values.app
  if (app === undefined) throw new Error('fly.toml has no app; without its name Prometheus finds no machine')
  const { metricsPort } = toConfig(readEnv({}))
  const alerts = alertGroups(deployment).flatMap((group) => group.alerts)
  const named = alerts.filter(({ name }, index) => alerts.findIndex((alert) => alert.name === name) === index)
  return [
    ...ruleFiles(deployment),
    ...ruleTestFiles(deployment),
    ...prometheusConfigs({ app, metricsPort, metricsPath }, deployment),
    alertmanagerConfig(deployment),
    ...named.map(runbookStub),
  ]
}
