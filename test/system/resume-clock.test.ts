import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { samplesNamed, samplesOf } from '../support/exposition-samples.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type RunningService, startService } from '../support/service.ts'
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { type RedisServer, startRedisServer } from './redis-server.ts'
import { createSettableClock } from './settable-clock.ts'

const hourSeconds = 3_600
const patience = { timeout: 15_000 }

let clock: Awaited<ReturnType<typeof createSettableClock>>
let database: TestDatabase
let observer: pg.Client
let redis: RedisServer
let proxies: TcpProxy[]
let service: RunningService

beforeEach(async () => {
  clock = await createSettableClock()
  database = await createTestDatabase()
  observer = new pg.Client({ connectionString: database.url })
  await observer.connect()
  redis = await startRedisServer()
  proxies = []
  service = await startService({
    ...clock.env,
    DATABASE_URL: await proxied(database.url),
    REDIS_URL: await proxied(redis.url),
    // Its library takes a while to load on a busy machine.
    HEALTH_REDIS_TIMEOUT_MS: '5000',
    // Else a machine that is busy with other tests degrades it.
    HEALTH_EVENT_LOOP_INTERVAL_MS: '60000',
    HEALTH_CLOCK_INTERVAL_MS: '500',
    HEALTH_RETRY_MS: '200',
  })
  await service.logged('metrics_listening')
  await service.until(({ body }) => body.status === 'healthy' && body.dependencies.redis === 'healthy')
  // From here on the history of the start is written, and nothing uses the pool but the test.
  await expect.poll(() => samples('machine_starts_total'), patience).not.toEqual([])
})
afterEach(async () => {
  await service[Symbol.asyncDispose]()
  for (const proxy of proxies) await proxy.close()
  await redis[Symbol.asyncDispose]()
  await observer.end()
  await database.drop()
  await clock[Symbol.asyncDispose]()
})

/** The address of a faulty network in front of that server. */
async function proxied(address: string): Promise<string> {
  const url = new URL(address)
  const proxy = await createTcpProxy({ port: Number(url.port) })
  proxies.push(proxy)
  url.port = String(proxy.port)
  return url.href
}

const samples = async (name: string) => samplesNamed(samplesOf(await (await fetch(service.metricsUrl)).text()), name)
const deployments = () => fetch(`${service.url}/api/deployments`, { signal: AbortSignal.timeout(20_000) })
const resumesTold = () => service.lines.filter(({ event }) => event === 'process_resumed')
const healthChanges = () =>
  service.lines
    .filter(({ event }) => event === 'health_changed')
    .map(({ from, to }) => `${String(from)} to ${String(to)}`)

async function checksRunSince(epochSeconds: number): Promise<string[]> {
  const runs = await samples('health_check_last_run_timestamp_seconds')
  return runs
    .filter(([, at]) => at >= epochSeconds)
    .map(([labels]) => labels)
    .sort()
}

it('a wall clock that steps forwards under the service is one resume, told by the very next answer', async () => {
  const { checks = {} } = (await service.health('/deep')).body
  const configured = Object.keys(checks).filter((name) => checks[name]?.status !== 'not configured')
  const allChecks = configured.map((name) => `{check="${name}"}`).sort()
  await expect.poll(() => checksRunSince(0), patience).toEqual(allChecks)
  const before = await Promise.all(Array.from({ length: 5 }, deployments))
  expect(before.map(({ status, headers }) => [status, headers.get('medio-resume-ms')])).toEqual(
    before.map(() => [200, null]),
  )

  // A suspend, as far as the process can know: its connections died without a word, and the clock is ahead.
  const changesBefore = healthChanges()
  for (const proxy of proxies) {
    await proxy.set('drop')
    await proxy.set('pass')
  }
  const steppedAtMs = performance.now()
  const resumedSeconds = Date.now() / 1_000 + hourSeconds
  await clock.set(hourSeconds)
  const answer = await deployments()
  expect(answer.status).toBe(200)
  const resumeMs = Number(answer.headers.get('medio-resume-ms') ?? Number.NaN)
  expect(resumeMs).toBeLessThanOrEqual(performance.now() - steppedAtMs + 1)

  await expect.poll(() => checksRunSince(resumedSeconds), patience).toEqual(allChecks)
  await expect
    .poll(() => samples('machine_starts_total'), patience)
    .toContainEqual(['{kind="resume",reason="wake"}', 1])
  const { rows } = await observer.query<{ aheadSeconds: number }>(
    `select extract(epoch from at - now())::float as "aheadSeconds" from machine_events where kind = 'resume'`,
  )
  expect(rows).toEqual([{ aheadSeconds: expect.closeTo(hourSeconds, -3) }])
  // Lines are written some milliseconds late, together.
  await expect.poll(resumesTold, patience).toEqual([expect.objectContaining({ gapMs: expect.any(Number) })])
  expect(resumesTold()[0]?.steppedMs).toEqual(expect.closeTo(hourSeconds * 1_000, -3))
  const later = await service.health()
  expect(later.body).toMatchObject({ status: 'healthy', reasons: [] })
  expect(Number(later.headers.get('medio-resume-ms') ?? Number.NaN)).toBeGreaterThanOrEqual(resumeMs)
  const statuses = await samples('health_check_status')
  expect(statuses).toEqual(statuses.map(([check]) => [check, 1]))
  expect(healthChanges()).toEqual(changesBefore)
})

it('a wall clock that steps backwards under the service is no resume, and degrades the check of the clock for a while', async () => {
  const changesBefore = healthChanges()
  await clock.set(-hourSeconds)
  const { answer } = await service.until(({ body }) => body.reasons.length > 0)
  expect(answer).toMatchObject({
    statusCode: 200,
    body: { status: 'degraded', reasons: [{ check: 'clock', status: 'degraded', code: 'clock_jumped' }] },
  })
  await service.until(({ body }) => body.reasons.length === 0)
  const answers = [answer.headers, (await service.health()).headers, (await deployments()).headers]
  expect(answers.map((headers) => headers.get('medio-resume-ms'))).toEqual([null, null, null])
  expect(resumesTold()).toEqual([])
  await expect.poll(healthChanges, patience).toEqual([...changesBefore, 'healthy to degraded', 'degraded to healthy'])
})
