import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alertmanagerConfig } from '../../scripts/ops/alertmanager-config.ts'
import { findProgram } from '../../scripts/ops/find-program.ts'
import { readOptions } from '../../scripts/ops/options.ts'
import { prometheusConfig } from '../../scripts/ops/prometheus-config.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'medio-ops-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function file(name: string, text: string, mode = 0o644): string {
  const path = join(directory, name)
  writeFileSync(path, text, { mode })
  return path
}

const usual = { service: 5000, metrics: 9091, prometheus: 9090, alertmanager: 9093, grafana: 3000, loki: 3100 }

describe('the options of npm run ops', () => {
  it('are the usual ports of each program by default, and each of them can be another', () => {
    expect(readOptions([])).toEqual({ ports: usual, dataDir: '.medio/ops', scrapeSeconds: 15 })
    expect(readOptions(['--grafana-port', '3001', '--scrape-seconds', '1'])).toEqual({
      ports: { ...usual, grafana: 3001 },
      dataDir: '.medio/ops',
      scrapeSeconds: 1,
    })
    expect(readOptions(['--help'])).toBe('help')
  })

  it.each([
    [['--loki-port', 'x'], '--loki-port must be a whole number from 1 to 65535'],
    [['--loki-port', '70000'], '--loki-port must be a whole number from 1 to 65535'],
    [['--scrape-seconds', '0'], '--scrape-seconds must be a whole number from 1 to 3600'],
    [['--loki-port', '5000'], 'port 5000 is given to two parts; give each its own'],
    [['--tempo-port', '1'], "Unknown option '--tempo-port'"],
  ])('name what is wrong: %j', (words, message) => {
    expect(() => readOptions(words)).toThrow(message)
  })
})

describe('the configurations of npm run ops', () => {
  it('keep the jobs and rules of production, with the ports and the interval that were chosen', () => {
    const productionFile = file(
      'prometheus.yml',
      `
rule_files: [rules/*.yml]
alerting: { alertmanagers: [{ static_configs: [{ targets: ['am.internal:9093'] }] }] }
scrape_configs:
  - { job_name: service, metrics_path: /metrics, static_configs: [{ targets: ['127.0.0.1:9091'] }] }
  - { job_name: itself, static_configs: [{ targets: ['127.0.0.1:9090', '127.0.0.1:7'] }] }
`,
    )
    const ports = new Map([
      [9091, 19_091],
      [9090, 19_090],
    ])
    const config = prometheusConfig({ productionFile, ports, alertmanagerPort: 19_093, scrapeSeconds: 2 })
    expect(JSON.parse(config)).toEqual({
      global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '2s' },
      rule_files: [join(directory, 'rules/*.yml')],
      alerting: { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:19093'] }] }] },
      scrape_configs: [
        { job_name: 'service', metrics_path: '/metrics', static_configs: [{ targets: ['127.0.0.1:19091'] }] },
        { job_name: 'itself', static_configs: [{ targets: ['127.0.0.1:19090', '127.0.0.1:7'] }] },
      ],
    })
  })

  it('route alerts as production does, to receivers that tell nobody', () => {
    const productionFile = file(
      'alertmanager.yml',
      `
global: { slack_api_url_file: /etc/secret }
templates: [templates/*.tmpl]
route: { receiver: slack, group_by: [alertname], routes: [{ receiver: pager, matchers: ['severity="critical"'] }] }
inhibit_rules: [{ source_matchers: ['alertname="A"'], target_matchers: ['alertname="B"'] }]
receivers:
  - { name: pager, pagerduty_configs: [{ routing_key_file: /etc/key }] }
  - { name: slack, slack_configs: [{ channel: '#x' }] }
time_intervals: [{ name: nights, time_intervals: [] }]
`,
    )
    expect(JSON.parse(alertmanagerConfig(productionFile))).toEqual({
      route: {
        receiver: 'slack',
        group_by: ['alertname'],
        routes: [{ receiver: 'pager', matchers: ['severity="critical"'] }],
      },
      receivers: [{ name: 'pager' }, { name: 'slack' }],
      inhibit_rules: [{ source_matchers: ['alertname="A"'], target_matchers: ['alertname="B"'] }],
      time_intervals: [{ name: 'nights', time_intervals: [] }],
    })
  })
})

describe('a program that npm run ops looks for', () => {
  it('is known by its version where another one has its name', () => {
    const path = file('medio-test-loki', '#!/bin/sh\necho "loki, version 3.5.0"\n', 0o755)
    const other = file('medio-test-other', '#!/bin/sh\necho "LOKI, linkage analysis"\n', 0o755)
    const before = process.env.PATH
    process.env.PATH = `${before}:${directory}`
    const find = (name: string) => findProgram({ names: [name], versionBegins: 'loki, version' })
    expect([find('medio-test-loki'), find('medio-test-other'), find('medio-test-none')]).toEqual([
      path,
      undefined,
      undefined,
    ])
    expect(findProgram({ names: ['medio-test-none', 'medio-test-other'] })).toBe(other)
    process.env.PATH = before
  })
})
