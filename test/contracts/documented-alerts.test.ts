import { expect, it } from 'vitest'
import { alertGroups } from '../../src/slo/alerts.ts'
import { readProjectFile } from './project-files.ts'

const alerts = alertGroups({ alwaysRuns: true, machineUsdPerMonth: 2, budgetUsdPerMonth: 3 }).flatMap(
  (group) => group.alerts,
)

it('docs/alerting.md has every alert in the row of its severity, and no other', () => {
  const rows = [
    ...readProjectFile('docs/alerting.md').matchAll(/^\| (critical|warning|info|none) \| .* \| (`.*`) \|$/gm),
  ]
  const documented = rows.map(([, severity, cell = '']) => [severity, cell.replaceAll('`', '').split(', ').toSorted()])
  const declared = ['critical', 'warning', 'info', 'none'].map((severity) => [
    severity,
    [...new Set(alerts.filter((alert) => alert.severity === severity).map(({ name }) => name))].toSorted(),
  ])
  expect(documented).toEqual(declared)
})

it('every variable and file that the watch on Fly needs is in docs/alerting.md', () => {
  const text = readProjectFile('docs/alerting.md')
  const secrets = [...readProjectFile('ops/fly/fly.toml').matchAll(/secret_name = "(\w+)"/g)].map(([, name]) => name)
  expect(secrets).toEqual(['PAGERDUTY_ROUTING_KEY', 'SLACK_WEBHOOK_URL', 'HEARTBEAT_URL'])
  expect(secrets.filter((name) => !text.includes(`${name}="$(base64`))).toEqual([])
})
