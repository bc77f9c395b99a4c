import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parse, stringify } from 'yaml'
import { alertmanagerConfig } from '../../scripts/alerting/alertmanager-config.ts'
import { ruleFiles, rulesDirectory } from '../../scripts/alerting/prometheus-rules.ts'
import { promTime } from '../../src/slo/prom-time.ts'
import { freePort } from '../support/free-port.ts'
import { routingKey, startNoticeReceivers } from './notice-receivers.ts'

/** A minute of the rules is 3 s. */
export const timeScale = 1 / 20
export const scaledMinuteMs = 60_000 * timeScale

const root = join(import.meta.dirname, '../..')
const costs = { machineUsdPerMonth: 1.945, budgetUsdPerMonth: 3 }
const alwaysOpen = {
  weekdays: ['sunday:saturday'],
  times: [{ start_time: '00:00', end_time: '24:00' }],
  location: 'UTC',
}

/** Prometheus' configuration as it is shipped, for a test to aim at what it watches. */
export interface PrometheusConfig {
  global: Record<string, string>
  alerting: { alertmanagers: unknown[] }
  scrape_configs: Record<string, unknown>[]
}

/**
 * The rules, configurations and templates of the project in a directory of the test's own. Times are shortened all alike;
 * receivers stand in for PagerDuty, Slack and the heartbeat service.
 */
export async function placeWatch(options: {
  shipped: 'prometheus.yml' | 'prometheus.fly.yml'
  alwaysRuns: boolean
  aim: (config: PrometheusConfig) => void
  /** Always, if left out. */
  businessHours?: typeof alwaysOpen
}) {
  const { shipped, alwaysRuns, aim, businessHours = alwaysOpen } = options
  const directory = await mkdtemp(join(tmpdir(), 'medio-watch-'))
  const receivers = await startNoticeReceivers()
  const alertmanagerPort = await freePort()
  const prometheusPort = await freePort()
  const place = async (path: string, text: string) => {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
    return join(directory, path)
  }

  for (const { path, text } of ruleFiles({ ...costs, alwaysRuns }, promTime(timeScale))) {
    await place(path.replace(rulesDirectory, 'rules'), text)
  }
  const text = await readFile(join(root, 'ops/prometheus', shipped), 'utf8')
  const config = parse(text, { version: '1.1' }) as PrometheusConfig
  config.global = { scrape_interval: '1s', scrape_timeout: '900ms', evaluation_interval: '1s' }
  config.alerting.alertmanagers = [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }]
  aim(config)
  const prometheusFile = await place('prometheus.yml', stringify(config))
  await cp(join(root, 'ops/alertmanager/templates'), join(directory, 'templates'), { recursive: true })
  const alertmanager = alertmanagerConfig(
    { ...costs, alwaysRuns },
    {
      pagerdutyKeyFile: await place('secrets/pagerduty', `${routingKey}\n`),
      slackUrlFile: await place('secrets/slack', `${receivers.slackUrl}\n`),
      heartbeatUrl: receivers.heartbeatUrl,
      pagerdutyUrl: receivers.pagerdutyUrl,
      templates: join(directory, 'templates/*.tmpl'),
    },
    { groupWait: '1s', groupInterval: '2s', heartbeatInterval: '2s', businessHours },
  )
  return {
    directory,
    receivers,
    prometheus: { file: prometheusFile, port: prometheusPort, url: `http://127.0.0.1:${prometheusPort}` },
    alertmanager: {
      file: await place('alertmanager.yml', alertmanager.text),
      port: alertmanagerPort,
      url: `http://127.0.0.1:${alertmanagerPort}`,
    },
    async remove() {
      await receivers.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

export function startAlertmanager({ directory, alertmanager }: Awaited<ReturnType<typeof placeWatch>>): Program {
  return startProgram('prometheus-alertmanager', [
    `--config.file=${alertmanager.file}`,
    `--storage.path=${join(directory, 'alertmanager')}`,
    `--web.listen-address=127.0.0.1:${alertmanager.port}`,
    '--cluster.listen-address=',
  ])
}

/** The real Prometheus and Alertmanager over one machine. */
export async function startWatch(options: { metricsUrl: string; alwaysRuns?: boolean }) {
  const { metricsUrl, alwaysRuns = true } = options
  const placed = await placeWatch({
    shipped: 'prometheus.yml',
    alwaysRuns,
    aim(config) {
      config.scrape_configs = [
        { ...config.scrape_configs[0], static_configs: [{ targets: [new URL(metricsUrl).host] }] },
      ]
    },
  })
  const { directory, receivers, prometheus, alertmanager } = placed
  const processes = [
    startAlertmanager(placed),
    startProgram('prometheus', [
      `--config.file=${prometheus.file}`,
      `--storage.tsdb.path=${join(directory, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${prometheus.port}`,
      // What a target that is gone last said is believed so long; 5 minutes unless said otherwise.
      `--query.lookback-delta=${5 * scaledMinuteMs}ms`,
    ]),
  ]
  for (const { url } of [prometheus, alertmanager]) await untilReady(url, processes)

  return {
    receivers,
    /** Names of the alerts that Alertmanager has, with the number of those that silence each. */
    async alerts(): Promise<{ name: string; silencedBy: number }[]> {
      const response = await fetch(`${alertmanager.url}/api/v2/alerts`)
      const found = (await response.json()) as { labels: { alertname: string }; status: { inhibitedBy: string[] } }[]
      return found.map(({ labels, status }) => ({ name: labels.alertname, silencedBy: status.inhibitedBy.length }))
    },
    /** The value of an expression with one result; undefined without one. */
    async value(query: string): Promise<number | undefined> {
      const response = await fetch(`${prometheus.url}/api/v1/query?${new URLSearchParams({ query })}`)
      const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } }
      const [first] = data.result
      return first === undefined ? undefined : Number(first.value[1])
    },
    async [Symbol.asyncDispose]() {
      for (const { child } of processes) child.kill('SIGTERM')
      await Promise.all(processes.map(({ exited }) => exited))
      await placed.remove()
    },
  }
}

interface Program {
  readonly child: ChildProcess
  readonly exited: Promise<unknown[]>
  readonly said: () => string
}

export function startProgram(name: string, args: readonly string[], env?: NodeJS.ProcessEnv): Program {
  const child = spawn(name, args, { stdio: ['ignore', 'ignore', 'pipe'], ...(env === undefined ? {} : { env }) })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said = `${said}${String(chunk)}`.slice(-4_000)
  })
  return { child, exited: once(child, 'exit'), said: () => said }
}

/** Prometheus and Alertmanager both have `/-/ready`. */
export async function untilReady(url: string, processes: readonly Program[]): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined)
    if (answer?.status === 200) return
    await delay(50)
  }
  throw new Error(`${url} was not ready within 15 s:\n${processes.map(({ said }) => said()).join('\n')}`)
}
