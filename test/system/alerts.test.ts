import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { expect, it, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { createTestDatabase, startPostgresServer } from '../support/postgres.ts'
import { quickChecks, type RunningService, startService } from '../support/service.ts'
import { scaledMinuteMs, startWatch } from './watch.ts'

const testTimeoutMs = 240_000
const requestEveryMs = 200
/** Checks are as much more frequent as the rules are more impatient. */
const machine = { FLY_REGION: 'iad', HEALTH_INTERVAL_MS: '1500' }

/** Requests of users at a steady pace, by turns without and with the database, whatever comes of them. */
function startTraffic(url: string) {
  const codes: number[] = []
  let turn = 0
  const timer = setInterval(async () => {
    turn += 1
    const path = turn % 2 === 0 ? '/' : '/api/deployments'
    const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined)
    await response?.arrayBuffer().catch(() => undefined)
    codes.push(response?.status ?? 0)
  }, requestEveryMs)
  return { codes, [Symbol.dispose]: () => clearInterval(timer) }
}

async function listening(service: RunningService): Promise<string> {
  await service.logged('metrics_listening')
  return service.metricsUrl
}

async function eventually(what: () => unknown, withinMs: number): Promise<void> {
  await vi.waitUntil(what, { timeout: withinMs, interval: 100 })
}

it('Postgres that stops brings one page, which names the runbook and resolves after Postgres is back', {
  timeout: testTimeoutMs,
}, async () => {
  await using postgres = await startPostgresServer()
  await using service = await startService({
    DATABASE_URL: postgres.url,
    ...quickChecks.env,
    ...machine,
    LOG_LEVEL: 'info',
  })
  await using watch = await startWatch({ metricsUrl: await listening(service) })
  using traffic = startTraffic(service.url)
  const { pages, refused } = watch.receivers
  await eventually(
    async () => ((await watch.value('objective:slo_events:increase5m{objective="availability"}')) ?? 0) > 20,
    30_000,
  )
  expect(pages).toEqual([])

  await postgres.stop('immediate')
  await eventually(() => pages.length > 0, 30_000)
  const [page] = pages
  expect(page).toMatchObject({
    event_action: 'trigger',
    payload: {
      severity: 'critical',
      summary: 'No machine reaches Postgres [DatabaseConnectionFailed]',
      class: 'DatabaseConnectionFailed',
    },
  })
  expect(page?.payload.custom_details.runbook).toBe('ops/runbooks/DatabaseConnectionFailed.md')
  // What follows from it is there too, and silenced.
  await eventually(async () => (await watch.alerts()).some(({ name }) => name === 'HighErrorRate'), 60_000)
  const critical = ['HighErrorRate', 'HealthCheckFailed', 'ErrorBudgetBurnFast']
  const followers = (await watch.alerts()).filter(({ name }) => critical.includes(name))
  expect(followers.map(({ name }) => name)).toEqual(expect.arrayContaining(['HighErrorRate', 'HealthCheckFailed']))
  expect(followers.filter(({ silencedBy }) => silencedBy === 0)).toEqual([])

  await postgres.start()
  await eventually(() => pages.some(({ event_action: action }) => action === 'resolve'), 60_000)
  // No second page comes of the rates that still remember the outage.
  await delay(5 * scaledMinuteMs)
  expect([...new Set(pages.map(({ dedup_key: key, payload }) => `${payload.class} ${key}`))]).toEqual([
    `DatabaseConnectionFailed ${page?.dedup_key}`,
  ])
  expect(pages.at(-1)?.event_action).toBe('resolve')
  expect(traffic.codes).toContain(503)
  expect(refused).toEqual([])
})

it('a latency fault brings the warning to Slack, and no page', { timeout: testTimeoutMs }, async () => {
  const database = await createTestDatabase()
  try {
    await using service = await startService({ DATABASE_URL: database.url, ...machine })
    await using watch = await startWatch({ metricsUrl: await listening(service) })
    using traffic = startTraffic(service.url)
    await slowDown(database.url)
    const { messages, pages, refused } = watch.receivers
    await eventually(() => messages.some(({ title }) => title.includes('[ElevatedResponseTime]')), 120_000)
    const message = messages.find(({ title }) => title.includes('[ElevatedResponseTime]'))
    expect(message).toMatchObject({
      channel: '#medio-warnings',
      title: expect.stringMatching(/^One request in twenty takes more than (?:[6-9]\d\d|1000)/),
    })
    expect(message?.text).toContain('Runbook: ops/runbooks/ElevatedResponseTime.md')
    expect(new Set(traffic.codes)).toEqual(new Set([200]))
    expect(pages).toEqual([])
    expect(refused).toEqual([])
  } finally {
    await database.drop()
  }
})

it('a restart loop brings the restart warning, and no page', { timeout: testTimeoutMs }, async () => {
  const database = await createTestDatabase()
  const metricsPort = await freePort()
  const env = {
    DATABASE_URL: database.url,
    ...machine,
    LOG_LEVEL: 'info',
    FLY_MACHINE_ID: 'm1',
    METRICS_PORT: String(metricsPort),
  }
  try {
    await using watch = await startWatch({ metricsUrl: `http://127.0.0.1:${metricsPort}/metrics` })
    const { messages, pages, refused } = watch.receivers
    for (let start = 0; start < 8; start += 1) {
      await using service = await startService(env)
      await listening(service)
      await eventually(async () => (await watch.value('sum(machine_starts_total)')) === start + 1, 30_000)
      // Uncaught: the process ends with 1.
      service.signal('SIGUSR2')
      expect(await service.exited).toBe(1)
    }
    await eventually(() => messages.some(({ title }) => title.includes('[MachineRestartRate]')), 30_000)
    expect(messages.find(({ title }) => title.includes('[MachineRestartRate]'))).toMatchObject({
      channel: '#medio-warnings',
      title: expect.stringMatching(/^Machines started [67] times within the hour without having been stopped/),
    })
    expect(pages).toEqual([])
    expect(refused).toEqual([])
  } finally {
    await database.drop()
  }
})

it('three minutes of healthy traffic bring no warning and no page, and then a stop pages only where a machine always runs', {
  timeout: 360_000,
}, async () => {
  const database = await createTestDatabase()
  try {
    await using service = await startService({
      DATABASE_URL: database.url,
      ...machine,
      LOG_LEVEL: 'info',
      DRAIN_DELAY_MS: '0',
    })
    const metricsUrl = await listening(service)
    await using sleepy = await startWatch({ metricsUrl, alwaysRuns: false })
    await using awake = await startWatch({ metricsUrl, alwaysRuns: true })
    const told = ({ receivers }: typeof awake) => ({
      pages: receivers.pages,
      warnings: receivers.messages.filter(({ channel }) => channel === '#medio-warnings'),
      refused: receivers.refused,
    })
    const nothing = { pages: [], warnings: [], refused: [] }
    const traffic = startTraffic(service.url)
    await delay(180_000)
    traffic[Symbol.dispose]()
    expect(traffic.codes.length).toBeGreaterThan(500)
    expect(told(awake)).toEqual(nothing)
    expect(told(sleepy)).toEqual(nothing)
    expect(awake.receivers.heartbeats.length).toBeGreaterThan(10)

    // As Fly's proxy stops a machine that has too little to do.
    service.signal('SIGINT')
    expect(await service.exited).toBe(0)
    await eventually(() => awake.receivers.pages.length > 0, 60_000)
    expect(awake.receivers.pages[0]?.payload.class).toBe('MetricsAbsent')
    await delay(5 * scaledMinuteMs)
    expect(told(sleepy)).toEqual(nothing)
    // The watch lives, and says so.
    const latest = sleepy.receivers.heartbeats.at(-1) ?? 0
    expect(performance.now() - latest).toBeLessThan(10_000)
  } finally {
    await database.drop()
  }
})

/** Every read of the deployments takes 0.7 s from now on, in Postgres itself. */
async function slowDown(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('alter table deployments rename to quick_deployments')
    await client.query('create view deployments as select d.* from quick_deployments d, pg_sleep(0.7)')
  } finally {
    await client.end()
  }
}
