/** What the watch is made of: each part with its program, its configuration and its address. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { alertmanagerConfig } from './alertmanager-config.ts'
import { findProgram, type ProgramNames } from './find-program.ts'
import { type OpsOptions, type Part, parts, usualPorts } from './options.ts'
import { prometheusConfig } from './prometheus-config.ts'
import type { ProgramStart } from './running-program.ts'

export interface WatchPart {
  readonly part: Part | 'alloy'
  /** Where a person looks. */
  readonly url: string
  readonly what: string
  /** Undefined when the program is not installed. */
  readonly start: ProgramStart | undefined
}

const programs = {
  prometheus: { names: ['prometheus'] },
  alertmanager: { names: ['alertmanager', 'prometheus-alertmanager'] },
  grafana: { names: ['grafana'] },
  loki: { names: ['loki'], versionBegins: 'loki, version' },
  alloy: { names: ['alloy'], versionBegins: 'alloy, version' },
} as const satisfies Readonly<Record<string, ProgramNames>>

/** In the order of their start. Writes their configurations below the data directory. */
export function watchParts({ ports, dataDir, scrapeSeconds }: OpsOptions, projectDir: string): WatchPart[] {
  const ops = join(projectDir, 'ops')
  const data = (...names: readonly string[]) => join(resolve(dataDir), ...names)
  const url = (part: Part) => `http://127.0.0.1:${ports[part]}`
  for (const name of ['service', 'logs', 'prometheus', 'alertmanager', 'grafana', 'loki', 'alloy']) {
    mkdirSync(data(name), { recursive: true })
  }
  const logFile = (name: string) => data('logs', `${name}.log`)
  const listen = (part: Part) => `--web.listen-address=127.0.0.1:${ports[part]}`
  const sources = { PROMETHEUS_URL: url('prometheus'), LOKI_URL: url('loki'), ALERTMANAGER_URL: url('alertmanager') }

  function installed(name: keyof typeof programs, words: readonly string[], rest: Partial<ProgramStart> = {}) {
    const command = findProgram(programs[name])
    if (command === undefined) return undefined
    return { name, command, words, logFile: logFile(name), endSignal: 'SIGTERM', ...rest } as const
  }

  writeFileSync(
    data('prometheus', 'prometheus.yml'),
    prometheusConfig({
      productionFile: join(ops, 'prometheus/prometheus.yml'),
      ports: new Map(parts.map((part) => [usualPorts[part], ports[part]])),
      alertmanagerPort: ports.alertmanager,
      scrapeSeconds,
    }),
  )
  writeFileSync(
    data('alertmanager', 'alertmanager.yml'),
    alertmanagerConfig(join(ops, 'alertmanager/alertmanager.yml')),
  )
  for (const name of ['pipeline', 'file']) {
    copyFileSync(join(ops, 'loki/alloy', `${name}.alloy`), data('alloy', `${name}.alloy`))
  }

  const service: ProgramStart = {
    name: 'service',
    command: process.execPath,
    words: [join(projectDir, 'src/bin/server.ts')],
    env: {
      PORT: String(ports.service),
      METRICS_PORT: String(ports.metrics),
      DATA_DIR: data('service'),
    },
    logFile: logFile('service'),
    readyUrl: `${url('service')}/api/health/ready`,
    endSignal: 'SIGINT',
  }
  return [
    { part: 'service', url: `${url('service')}/status`, what: 'the service', start: service },
    {
      part: 'prometheus',
      url: url('prometheus'),
      what: 'metrics, rules and alerts',
      start: installed(
        'prometheus',
        [
          `--config.file=${data('prometheus', 'prometheus.yml')}`,
          `--storage.tsdb.path=${data('prometheus', 'data')}`,
          '--enable-feature=exemplar-storage',
          listen('prometheus'),
        ],
        { readyUrl: `${url('prometheus')}/-/ready` },
      ),
    },
    {
      part: 'alertmanager',
      url: url('alertmanager'),
      what: 'alerts that fire; here they reach nobody',
      start: installed(
        'alertmanager',
        [
          `--config.file=${data('alertmanager', 'alertmanager.yml')}`,
          `--storage.path=${data('alertmanager', 'data')}`,
          // One alone: it would open a port for others.
          '--cluster.listen-address=',
          listen('alertmanager'),
        ],
        { readyUrl: `${url('alertmanager')}/-/ready` },
      ),
    },
    {
      part: 'loki',
      url: `${url('loki')}/ready`,
      what: 'the log, for Grafana',
      start: installed('loki', [`-config.file=${join(ops, 'loki/loki.yaml')}`, '-config.expand-env=true'], {
        env: { LOKI_ADDRESS: '127.0.0.1', LOKI_PORT: String(ports.loki), LOKI_DATA: data('loki') },
        readyUrl: `${url('loki')}/ready`,
      }),
    },
    {
      part: 'alloy',
      url: `${url('loki')}/ready`,
      what: 'brings the log to Loki',
      start: installed(
        'alloy',
        ['run', data('alloy'), `--storage.path=${data('alloy', 'data')}`, '--server.http.listen-addr=127.0.0.1:0'],
        { env: { ...sources, ENVIRONMENT: 'development', LOG_FILE: logFile('service') } },
      ),
    },
    {
      part: 'grafana',
      url: `${url('grafana')}/dashboards`,
      what: 'the boards',
      start: installed('grafana', ['server', '--homepath=/usr/share/grafana'], {
        env: {
          ...sources,
          GRAFANA_URL: url('grafana'),
          DASHBOARDS_PATH: join(ops, 'grafana/dashboards'),
          GF_PATHS_PROVISIONING: join(ops, 'grafana/provisioning'),
          GF_PATHS_DATA: data('grafana'),
          GF_SERVER_HTTP_ADDR: '127.0.0.1',
          GF_SERVER_HTTP_PORT: String(ports.grafana),
          // Loopback only, so that nobody logs in to look.
          GF_AUTH_ANONYMOUS_ENABLED: 'true',
        },
        readyUrl: `${url('grafana')}/api/health`,
      }),
    },
  ]
}
