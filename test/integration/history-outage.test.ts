import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startPostgresServer, type TestServer } from '../support/postgres.ts'
import { quickChecks, type RunningService, startService } from '../support/service.ts'

const probeToken = 'the-token-of-the-prober'

let server: TestServer
let dataDir: string

beforeEach(async () => {
  server = await startPostgresServer()
  dataDir = await mkdtemp(join(tmpdir(), 'medio-data-'))
  await chmod(dataDir, 0o711)
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
})

const start = (env: Readonly<Record<string, string>> = {}): Promise<RunningService> =>
  startService({
    ...quickChecks.env,
    ...{ DATABASE_URL: server.url, DATA_DIR: dataDir, PROBE_TOKEN: probeToken, SELF_PROBE_INTERVAL_MS: '0' },
    ...{ DATABASE_ACQUIRE_TIMEOUT_MS: '1000', DATABASE_STATEMENT_TIMEOUT_MS: '1000' },
    ...env,
  })

async function post(service: RunningService, count: number, from = 0): Promise<[number, unknown]> {
  const observations = Array.from({ length: count }, (_, index) => ({
    ...{ at: new Date(Date.now() - 60_000).toISOString(), durationMs: 10, statusCode: 200, healthStatus: 'healthy' },
    ...{ target: `t${from + index}`, source: 'london' },
  }))
  const response = await fetch(`${service.url}/api/observations`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${probeToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(observations),
  })
  return [response.status, await response.json()]
}

async function rows<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}
const count = async (from: string) =>
  (await rows<{ count: number }>(`select count(*)::int as count from ${from}`))[0]?.count

describe('a service whose database is away', () => {
  it('and that is killed meanwhile has everything in order, once, when the next process finds it back', async () => {
    const killed = await start()
    await killed.logged('metrics_listening')
    await expect.poll(() => count(`machine_events where kind = 'ready'`)).toBe(1)
    expect(await post(killed, 3)).toEqual([200, { received: 3, stored: 3, known: 0, queued: 0 }])
    await server.stop()
    expect(await post(killed, 5, 3)).toEqual([202, { received: 5, stored: 0, known: 0, queued: 5 }])
    await killed.logged('incident_opened')
    const metrics = await (await fetch(killed.metricsUrl)).text()
    expect(metrics).toMatch(/^history_spool_entries [1-9]/m)
    expect(metrics).toMatch(/^history_spool_bytes [1-9]/m)
    expect(metrics).toContain('history_spool_dropped_total{kind="observations"} 0')
    killed.signal('SIGKILL')
    await killed.exited

    await server.start()
    await using next = await start()
    await expect.poll(() => count('observations'), { timeout: 15_000 }).toBe(8)
    await expect.poll(() => count(`machine_events where kind = 'ready'`)).toBe(2)
    expect(await rows('select kind, reason from machine_events order by at')).toEqual([
      { kind: 'start', reason: 'deploy' },
      { kind: 'ready', reason: null },
      { kind: 'stop', reason: 'crash' },
      { kind: 'start', reason: 'crash' },
      { kind: 'ready', reason: null },
    ])
    const incidents = await rows(`select check_name, scope, code from incidents where check_name = 'database'`)
    expect(incidents).toEqual([{ check_name: 'database', scope: 'shared', code: 'connection_refused' }])
    expect(await post(next, 1, 3)).toEqual([200, expect.objectContaining({ stored: 1, queued: 0 })])
    await killed[Symbol.asyncDispose]()
  })

  it('and hangs answers the prober all the same, and is caught up with by the same process', async () => {
    await using service = await start()
    await service.logged('metrics_listening')
    await expect.poll(() => count(`machine_events where kind = 'ready'`)).toBe(1)
    await server.pause()
    expect((await post(service, 2))[0]).toBe(202)
    expect((await post(service, 2, 2))[0]).toBe(202)
    await server.resume()
    const caughtUp = await service.logged('history_caught_up')
    expect(caughtUp.entries).toBeGreaterThanOrEqual(2)
    expect(await count('observations')).toBe(4)
  })
})

describe('two services on one database', () => {
  it('store each observation once, and merge all of them into rollups that tell so', async () => {
    const other = await mkdtemp(join(tmpdir(), 'medio-data-'))
    await chmod(other, 0o711)
    await using one = await start({ FLY_MACHINE_ID: 'one' })
    await using two = await start({ FLY_MACHINE_ID: 'two', DATA_DIR: other })
    await one.logged('metrics_listening')
    await two.logged('metrics_listening')
    const batch = Array.from({ length: 200 }, (_, index) => ({
      ...{ at: new Date(Date.now() - 3_600_000 - index).toISOString(), durationMs: 10, statusCode: 200 },
      ...{ healthStatus: 'healthy', target: 'api', source: 'london' },
    }))
    const answers = await Promise.all(
      [one, two, one, two].map(async ({ url }) => {
        const response = await fetch(`${url}/api/observations`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${probeToken}`, 'Content-Type': 'application/json' },
          body: JSON.stringify(batch),
        })
        return (await response.json()) as { stored: number }
      }),
    )
    expect(answers.reduce((sum, { stored }) => sum + stored, 0)).toBe(200)
    await expect.poll(() => count('observation_deltas'), { timeout: 25_000, interval: 500 }).toBe(0)
    const response = await fetch(`${two.url}/api/observations?target=api&bucket=1d`)
    const { buckets } = (await response.json()) as { buckets: { count: number }[] }
    expect(buckets.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(200)
    await rm(other, { recursive: true, force: true })
  })
})

describe('a service that probes itself', () => {
  it.each(['a port', 'a Unix socket'])('tells of itself over %s, and counts it nowhere', async (where) => {
    const socketPath = join(dataDir, 'node.sock')
    const listen: Record<string, string> = where === 'a port' ? {} : { PORT: '', SOCKET_PATH: socketPath }
    const env = { ...listen, SELF_PROBE_INTERVAL_MS: '200' }
    await using service = await start({ ...env, FLY_APP_NAME: 'medio', FLY_MACHINE_ID: 'one', FLY_REGION: 'iad' })
    await expect
      .poll(() => count(`observations where status_code = 200`), { timeout: 15_000 })
      .toBeGreaterThanOrEqual(2)
    const [row] = await rows<{ uptime_ms: number; duration_ms: number; database_ms: number }>(
      `select target, source, region, machine, version, status_code, health_status, error_code, uptime_ms, duration_ms,
              database_ms from observations where database_ms is not null order by at desc limit 1`,
    )
    expect(row).toMatchObject({
      ...{ target: 'medio', source: 'self', region: 'iad', machine: 'one', version: '1.0.0', status_code: 200 },
      ...{ health_status: 'healthy', error_code: null },
    })
    expect(row?.uptime_ms).toBeGreaterThan(row?.duration_ms ?? 0)
    const metrics = await (await fetch(service.metricsUrl)).text()
    expect(metrics).toContain('business_actions_total{action="observation_stored"} 0')
  })
})
