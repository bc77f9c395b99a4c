import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Samples, samplesNamed, samplesOf } from '../support/exposition-samples.ts'
import { type InProcessService, startInProcess } from '../support/in-process-service.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const hourMs = 3_600_000
const patience = { timeout: 10_000 }
const token = 'operator-token-of-the-test'

let database: TestDatabase
let proxy: TcpProxy
let service: InProcessService
let steppedMs: number

beforeEach(async () => {
  // In place before the service is built, parts of which keep the function that they found.
  steppedMs = 0
  const now = Date.now.bind(Date)
  vi.spyOn(Date, 'now').mockImplementation(() => now() + steppedMs)
  database = await createTestDatabase()
  const url = new URL(database.url)
  proxy = await createTcpProxy({ port: Number(url.port) })
  url.port = String(proxy.port)
  const often = { HEALTH_CLOCK_INTERVAL_MS: '200', HEALTH_RETRY_MS: '100' }
  // Else a machine that is busy with other tests degrades it.
  const seldom = { HEALTH_EVENT_LOOP_INTERVAL_MS: '60000' }
  service = await startInProcess({ DATABASE_URL: url.href, OPERATOR_TOKEN: token, ...often, ...seldom })
  await expect.poll(async () => (await ask('/api/health')).json(), patience).toMatchObject({ status: 'healthy' })
  // From here on the history of the start is written, and nothing uses the pool but the test.
  await expect.poll(starts, patience).toContainEqual([expect.stringContaining('kind="boot"'), 1])
  // Leaves connections idle in the pool.
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask('/api/deployments')))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  expect(answers.map(({ headers }) => headers.get('medio-resume-ms'))).toEqual([null, null, null, null, null])
})
afterEach(async () => {
  await service[Symbol.asyncDispose]()
  vi.restoreAllMocks()
  await proxy.close()
  await database.drop()
})

const ask = (path: string) => fetch(`${service.url}${path}`, { signal: AbortSignal.timeout(20_000) })
const resumesTold = () => service.lines.filter(({ event }) => event === 'process_resumed')
const resumeMsOf = ({ headers }: Response) => Number(headers.get('medio-resume-ms') ?? Number.NaN)

/** As on a machine whose monotonic clock stood still while it slept. No timer comes earlier for it. */
function stepWallClock(ms: number): void {
  steppedMs += ms
}

/** The other side forgot every connection meanwhile: bytes sent on them are lost without a word. */
async function loseConnections(): Promise<void> {
  await proxy.set('drop')
  await proxy.set('pass')
}

async function scrape(): Promise<Samples> {
  const listening = service.lines.find(({ event }) => event === 'metrics_listening')
  return samplesOf(await (await fetch(`http://127.0.0.1:${String(listening?.port)}/metrics`)).text())
}

const starts = async () => samplesNamed(await scrape(), 'machine_starts_total')

/** As labels of metrics. */
async function configuredChecks(): Promise<string[]> {
  const { checks } = (await (await ask('/api/health/deep')).json()) as { checks: Record<string, { status: string }> }
  const configured = Object.keys(checks).filter((name) => checks[name]?.status !== 'not configured')
  return configured.map((name) => `{check="${name}"}`).sort()
}

describe('a wall clock that stepped forwards by an hour', () => {
  it.each(['/api/health', '/api/health/ready', '/api/health/checks/clock', '/api/deployments', '/nowhere'])(
    'is told as a resume by the very next answer, that of %s, and counted once',
    async (path) => {
      const steppedAtMs = performance.now()
      stepWallClock(hourMs)
      for (let round = 0; round < 3; round++) {
        expect(resumeMsOf(await ask(path))).toBeLessThanOrEqual(performance.now() - steppedAtMs + 1)
      }
      expect(resumesTold()).toEqual([
        expect.objectContaining({ gapMs: expect.any(Number), steppedMs: expect.any(Number) }),
      ])
      expect(resumesTold()[0]?.steppedMs).toBeGreaterThan(hourMs - 100)
      await expect.poll(starts, patience).toContainEqual(['{kind="resume",reason="wake"}', 1])
    },
  )

  it('has every check run at once, and the check of the clock content', async () => {
    const runs = async () => samplesNamed(await scrape(), 'health_check_last_run_timestamp_seconds')
    const checks = await configuredChecks()
    expect(checks).toContain('{check="clock"}')
    await expect.poll(async () => (await runs()).map(([labels]) => labels).sort(), patience).toEqual(checks)
    stepWallClock(hourMs)
    const steppedSeconds = Date.now() / 1_000
    expect((await ask('/api/health')).status).toBe(200)
    await expect
      .poll(async () => {
        const since = (await runs()).filter(([, at]) => at >= steppedSeconds)
        return since.map(([labels]) => labels).sort()
      }, patience)
      .toEqual(checks)
    expect(await (await ask('/api/health')).json()).toMatchObject({ status: 'healthy', reasons: [] })
    expect((await scrape()).get('health_check_status{check="clock"}')).toBe(1)
    const deep = (await (await ask('/api/health/checks/clock')).json()) as { checks: Record<string, object> }
    expect(deep.checks.clock).toMatchObject({ status: 'healthy', observedUnit: 'ms' })
  })

  it('leaves no statement on a connection that died', async () => {
    await loseConnections()
    stepWallClock(hourMs)
    expect((await ask('/api/deployments')).status).toBe(200)
  })

  it.each(['database', 'migrations', 'clock'])('is noticed before %s is checked on demand', async (check) => {
    await loseConnections()
    stepWallClock(hourMs)
    const answer = await ask(`/api/health/checks/${check}`)
    expect(await answer.json()).toMatchObject({ status: 'healthy', reasons: [] })
  })

  it('is noticed by the statement of a request that came before it', async () => {
    const body = JSON.stringify({ version: '3.0.0' })
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', expect: '100-continue' }
    const posting = request(`${service.url}/api/deployments`, {
      ...{ method: 'POST', agent: false },
      headers: { ...headers, 'content-length': body.length },
    })
    posting.flushHeaders()
    await once(posting, 'continue')
    await loseConnections()
    stepWallClock(hourMs)
    posting.end(body)
    const [answer] = (await once(posting, 'response')) as [IncomingMessage]
    expect([answer.statusCode, await json(answer)]).toEqual([201, expect.objectContaining({ version: '3.0.0' })])
    expect(resumesTold()).toHaveLength(1)
  })
})

it('a wall clock that stepped backwards by an hour is no resume: the check of the clock tells it, for a while', async () => {
  stepWallClock(-hourMs)
  const reasons = async () => {
    const answer = await ask('/api/health')
    expect(answer.headers.get('medio-resume-ms')).toBeNull()
    return ((await answer.json()) as { reasons: object[] }).reasons
  }
  await expect
    .poll(reasons, patience)
    .toEqual([expect.objectContaining({ check: 'clock', status: 'degraded', code: 'clock_jumped' })])
  await expect.poll(reasons, patience).toEqual([])
  expect(resumesTold()).toEqual([])
})
