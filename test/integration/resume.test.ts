import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { startInProcess } from '../support/in-process-service.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type HealthAnswer, quickChecks, startService } from '../support/service.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
afterEach(() => {
  vi.restoreAllMocks()
})

const asleepMs = 3_000
const isHealthy = ({ body }: HealthAnswer) => body.status === 'healthy'

/** Each check with the epoch second of its last run. */
function lastRuns(exposition: string): [check: string, atSeconds: number][] {
  const lines = exposition.matchAll(/^health_check_last_run_timestamp_seconds\{check="(.+)"\} (.+)$/gm)
  return [...lines].map(([, check = '', at]) => [check, Number(at)])
}

it('a suspended service wakes with its old status, and runs every check at once', async () => {
  // The critical checks turn stale while asleep; the others would not run again for half a minute.
  const often = { INTERVAL_MS: String(quickChecks.intervalMs), TIMEOUT_MS: String(quickChecks.timeoutMs) }
  const critical = ['DATABASE', 'EVENT_LOOP', 'MEMORY'].flatMap((check) =>
    Object.entries(often).map(([name, value]) => [`HEALTH_${check}_${name}`, value]),
  )
  await using service = await startService({ ...Object.fromEntries(critical), DATABASE_URL: database.url })
  await service.logged('metrics_listening')
  await service.until(isHealthy)
  const metrics = async () => (await fetch(service.metricsUrl)).text()
  const checks = ['clock', 'cpu', 'database', 'disk', 'event_loop', 'memory', 'migrations', 'pool']
  await expect
    .poll(async () =>
      lastRuns(await metrics())
        .map(([check]) => check)
        .sort(),
    )
    .toEqual(checks)
  const before = await service.health()
  expect(before.headers.get('medio-resume-ms')).toBeNull()

  service.signal('SIGSTOP')
  // These wait at the sleeping service's door, and are the first that it answers.
  const firstAnswers = Array.from({ length: 5 }, () => service.health())
  await delay(asleepMs)
  const wokenSeconds = Date.now() / 1_000
  service.signal('SIGCONT')
  for (const answer of await Promise.all(firstAnswers)) {
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toMatchObject({ status: 'healthy', reasons: [] })
    expect(Number(answer.headers.get('medio-resume-ms') ?? Number.NaN)).toBeLessThan(1_000)
  }

  const { gapMs } = await service.logged('process_resumed')
  expect(Number(gapMs)).toBeGreaterThanOrEqual(asleepMs - 10)
  await expect
    .poll(async () =>
      lastRuns(await metrics())
        .filter(([, at]) => at > wokenSeconds)
        .map(([check]) => check)
        .sort(),
    )
    .toEqual(checks)

  for (const until = performance.now() + 1_000; performance.now() < until; await delay(20)) {
    expect((await service.health()).body.status).toBe('healthy')
  }
  const exposition = await metrics()
  expect(exposition).toContain('\nmachine_starts_total{kind="resume",reason="wake"} 1\n')
  expect(exposition).toContain('\nhealth_check_status{check="clock"} 1\n')
  const lag = /^nodejs_eventloop_lag_max_seconds (.+)$/m.exec(exposition)?.[1]
  expect(Number(lag ?? 0)).toBeLessThan(1)
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

it('the very first answer after a resume, before any timer has run, calls no old result stale', async () => {
  await using service = await startInProcess({ DATABASE_URL: database.url })
  const ask = (path: string) => fetch(`${service.url}${path}`)
  expect((await ask('/api/health')).status).toBe(200)
  // The clock of a machine that slept for an hour, while the timers of the loop know nothing of it yet.
  const now = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 3_600_000)
  const answer = await ask('/api/health')
  expect(await answer.json()).toMatchObject({ status: 'healthy', reasons: [] })
  expect(Number(answer.headers.get('medio-resume-ms') ?? Number.NaN)).toBeLessThan(1_000)
  expect((await ask('/api/health/ready')).status).toBe(200)
  expect(service.lines.filter((line) => line.event === 'process_resumed')).toHaveLength(1)
})
