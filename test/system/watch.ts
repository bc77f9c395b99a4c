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
const deployment = { machineUsdPerMonth: 1.945, budgetUsdPerMonth: 3 }

/**
 * The real Prometheus and Alertmanager over one machine, with the rules, the configuration and the templates of the
 * project. Times are shortened all alike; receivers stand in for PagerDuty, Slack and the heartbeat service.
 */
export async function startWatch(options: { metricsUrl: string; alwaysRuns?: boolean }) {
  const directory = await mkdtemp(join(tmpdir(), 'medio-watch-'))
  const receivers = await startNoticeReceivers()
  const alertmanagerPort = await freePort()
  const prometheusPort = await freePort()
  const place = async (path: string, text: string) => {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
    return join(directory, path)
  }

  const { alwaysRuns = true, metricsUrl } = options
  for (const { path, text } of ruleFiles({ ...deployment, alwaysRuns }, promTime(timeScale))) {
    await place(path.replace(rulesDirectory, 'rules'), text)
  }
  const shipped = parse(await readFile(join(root, 'ops/prometheus/prometheus.yml'), 'utf8'), { version: '1.1' })
  shipped.global = { scrape_interval: '1s', scrape_timeout: '900ms', evaluation_interval: '1s' }
  shipped.alerting.alertmanagers = [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }]
  shipped.scrape_configs = [{ ...shipped.scrape_configs[0], static_configs: [{ targets: [new URL(metricsUrl).host] }] }]
  const prometheusFile = await place('prometheus.yml', stringify(shipped))
  await cp(join(root, 'ops/alertmanager/templates'), join(directory, 'templates'), { recursive: true })
  const alwaysOpen = {
    weekdays: ['sunday:saturday'],
    times: [{ start_time: '00:00', end_time: '24:00' }],
    location: 'UTC',
  }
  const alertmanager = alertmanagerConfig(
    { ...deployment, alwaysRuns },
    {
      pagerdutyKeyFile: await place('secrets/pagerduty', `${routingKey}\n`),
      slackUrlFile: await place('secrets/slack', `${receivers.slackUrl}\n`),
      heartbeatUrl: receivers.heartbeatUrl,
      pagerdutyUrl: receivers.pagerdutyUrl,
      templates: join(directory, 'templates/*.tmpl'),
    },
    { groupWait: '1s', groupInterval: '2s', heartbeatInterval: '2s', businessHours: alwaysOpen },
  )
  const alertmanagerPath = await place('alertmanager.yml', alertmanager.text)

  const processes = [
    startProgram('prometheus-alertmanager', [
      `--config.file=${alertmanagerPath}`,
      `--storage.path=${join(directory, 'alertmanager')}`,
      `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
      '--cluster.listen-address=',
    ]),
    startProgram('prometheus', [
      `--config.file=${prometheusFile}`,
      `--storage.tsdb.path=${join(directory, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
      // What a target that is gone last said is believed so long; 5 minutes unless said otherwise.
      `--query.lookback-delta=${5 * scaledMinuteMs}ms`,
    ]),
  ]
  await Promise.all(
    [prometheusPort, alertmanagerPort].map((port) => isReady(`http://127.0.0.1:${port}/-/ready`, processes)),
  )

  return {
    receivers,
    /** Names of the alerts that Alertmanager has, with the number of those that silence each. */
    async alerts(): Promise<{ name: string; silencedBy: number }[]> {
      const response = await fetch(`http://127.0.0.1:${alertmanagerPort}/api/v2/alerts`)
      const found = (await response.json()) as { labels: { alertname: string }; status: { inhibitedBy: string[] } }[]
      return found.map(({ labels, status }) => ({ name: labels.alertname, silencedBy: status.inhibitedBy.length }))
    },
    /** The value of an expression with one result; undefined without one. */
    async value(query: string): Promise<number | undefined> {
      const response = await fetch(`http://127.0.0.1:${prometheusPort}/api/v1/query?${new URLSearchParams({ query })}`)
      const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } }
      const [first] = data.result
      return first === undefined ? undefined : Number(first.value[1])
    },
    async [Symbol.asyncDispose]() {
      for (const { child } of processes) child.kill('SIGTERM')
      await Promise.all(processes.map(({ exited }) => exited))
      await receivers.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

interface Program {
  readonly child: ChildProcess
  readonly exited: Promise<unknown>
  readonly said: () => string
}

function startProgram(name: string, args: readonly string[]): Program {
  const child = spawn(name, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said = `${said}${String(chunk)}`.slice(-4_000)
  })
  return { child, exited: once(child, 'exit'), said: () => said }
}

async function isReady(url: string, processes: readonly Program[]): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.status === 200) return
    await delay(50)
  }
  throw new Error(`${url} was not ready within 15 s:\n${processes.map(({ said }) => said()).join('\n')}`)
}
