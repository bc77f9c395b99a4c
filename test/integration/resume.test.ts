import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { samplesOf } from '../support/exposition-samples.ts'
import { startInProcess } from '../support/in-process-service.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type HealthAnswer, quickChecks, startService } from '../support/service.ts'
import { suspend } from '../support/suspend.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
afterEach(() => {
  vi.restoreAllMocks()
})

const asleepMs = 3_000
/** Else a machine that is busy with other tests degrades it. */
const seldom = { HEALTH_EVENT_LOOP_INTERVAL_MS: '60000' }
const patience = { timeout: 10_000 }
const isHealthy = ({ body }: HealthAnswer) => body.status === 'healthy'

/** Each check with the epoch second of its last run. */
function lastRuns(exposition: string): [check: string, atSeconds: number][] {
  const lines = exposition.matchAll(/^health_check_last_run_timestamp_seconds\{check="(.+)"\} (.+)$/gm)
  return [...lines].map(([, check = '', at]) => [check, Number(at)])
}

it('a suspended service wakes with its old status, and runs every check at once', async () => {
  // Critical checks turn stale while asleep; the others would not run again for half a minute.
  const often = {
    HEALTH_DATABASE_INTERVAL_MS: '400',
    HEALTH_DATABASE_TIMEOUT_MS: '1500',
    HEALTH_MEMORY_INTERVAL_MS: '400',
  }
  await using service = await startService({ ...seldom, ...often, DATABASE_URL: database.url })
  await service.logged('metrics_listening')
  await service.until(isHealthy)
  const metrics = async () => (await fetch(service.metricsUrl)).text()
  const { checks: known = {} } = (await service.health('/deep')).body
  const checks = Object.keys(known)
    .filter((name) => known[name]?.status !== 'not configured')
    .sort()
  expect(checks).toContain('database')
  await expect
    .poll(
      async () =>
        lastRuns(await metrics())
          .map(([check]) => check)
          .sort(),
      patience,
    )
    .toEqual(checks)
  const before = await service.health()
  expect(before.headers.get('medio-resume-ms')).toBeNull()

  // These wait at the sleeping service's door, and are the first that it answers.
  const waiting: Promise<HealthAnswer>[] = []
  const wokenMs = await suspend(service, asleepMs, () => {
    waiting.push(...Array.from({ length: 5 }, () => service.health()))
  })
  const wokenSeconds = Date.now() / 1_000 - (performance.now() - wokenMs) / 1_000
  for (const answer of await Promise.all(waiting)) {
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toMatchObject({ status: 'healthy', reasons: [] })
    expect(Number(answer.headers.get('medio-resume-ms') ?? Number.NaN)).toBeLessThanOrEqual(
      performance.now() - wokenMs + 1,
    )
  }

  const { gapMs, steppedMs } = await service.logged('process_resumed')
  expect(Number(gapMs)).toBeGreaterThanOrEqual(asleepMs - 10)
  expect(Math.abs(Number(steppedMs))).toBeLessThan(asleepMs)
  await expect
    .poll(
      async () =>
        lastRuns(await metrics())
          .filter(([, at]) => at > wokenSeconds)
          .map(([check]) => check)
          .sort(),
      patience,
    )
    .toEqual(checks)

  for (const until = performance.now() + 1_000; performance.now() < until; await delay(20)) {
    expect((await service.health()).body.status).toBe('healthy')
  }
  await expect.poll(metrics, patience).toContain('\nmachine_starts_total{kind="resume",reason="wake"} 1\n')
  const exposition = await metrics()
  expect(exposition).toContain('\nhealth_check_status{check="clock"} 1\n')
  const lag = /^nodejs_eventloop_lag_max_seconds (.+)$/m.exec(exposition)?.[1]
  expect(Number(lag ?? 0)).toBeLessThan(asleepMs / 1_000)
  expect(service.lines.filter((line) => line.event === 'process_resumed')).toHaveLength(1)
  const changes = service.lines.filter((line) => line.event === 'health_changed')
  expect(changes.map(({ from, to }) => `${String(from)} to ${String(to)}`)).toEqual(['starting to healthy'])
})

it('a service that was busy for as long does not take itself for suspended', async () => {
  const block = 'process.on("SIGHUP",()=>{const end=Date.now()+2500;while(Date.now()<end);})'
  await using service = await startService({
    ...quickChecks.env,
    DATABASE_URL: database.url,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(block)}`,
  })
  await service.logged('metrics_listening')
  await service.until(isHealthy)
  service.signal('SIGHUP')
  const { answer } = await service.until(({ body }) =>
    body.reasons.some((reason) => reason.code === 'event_loop_blocked'),
  )
  expect(answer.headers.get('medio-resume-ms')).toBeNull()
  expect(service.lines.map((line) => line.event)).not.toContain('process_resumed')
})

it('a service that idles leaves its remote checks at rest over a resume, until a user comes', async () => {
  await using service = await startService({ ...seldom, DATABASE_URL: database.url, HEALTH_IDLE_AFTER_MS: '1000' })
  await service.logged('metrics_listening')
  await service.logged('engine_idle')
  const { checkedAt } = (await service.health()).body.services.database
  await suspend(service, asleepMs)
  const resumedSeconds = Date.parse(String((await service.logged('process_resumed')).time)) / 1_000
  const memory = `health_check_last_run_timestamp_seconds{check="memory"}`
  const ranSeconds = async () => samplesOf(await (await fetch(service.metricsUrl)).text()).get(memory)
  await expect.poll(ranSeconds, patience).toBeGreaterThanOrEqual(resumedSeconds)
  expect((await service.health()).body.services.database).toMatchObject({ status: 'idle', checkedAt })
  expect((await fetch(`${service.url}/api/deployments`)).status).toBe(200)
  await service.until(({ body }) => body.services.database.status === 'healthy')
})

it('the very first answer after a resume, before any timer has run, calls no old result stale', async () => {
  let sleptMs = 0
  for (const clock of [performance, Date]) {
    const now = clock.now.bind(clock)
    vi.spyOn(clock, 'now').mockImplementation(() => now() + sleptMs)
  }
  await using service = await startInProcess({ ...seldom, DATABASE_URL: database.url })
  const ask = (path: string) => fetch(`${service.url}${path}`)
  await expect.poll(async () => (await ask('/api/health')).json(), patience).toMatchObject({ status: 'healthy' })
  // The clocks of a machine that slept for an hour, while the timers of the loop know nothing of it yet.
  sleptMs = 3_600_000
  const answer = await ask('/api/health')
  expect(await answer.json()).toMatchObject({ status: 'healthy', reasons: [] })
  expect(Number(answer.headers.get('medio-resume-ms') ?? Number.NaN)).toBeLessThan(1_000)
  expect((await ask('/api/health/ready')).status).toBe(200)
  expect(service.lines.filter((line) => line.event === 'process_resumed')).toHaveLength(1)
})
