import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { labelNames, type Samples, samplesNamed, samplesOf } from '../support/exposition-samples.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type RunningService, startService } from '../support/service.ts'

const token = 'operator-token-of-the-test'
const randomPaths = 500

let database: TestDatabase
let service: RunningService
beforeAll(async () => {
  database = await createTestDatabase()
  service = await startService({
    DATABASE_URL: database.url,
    DATABASE_POOL_MAX: '7',
    SLOW_QUERY_MS: '0',
    COMMIT: 'abc123def',
    FLY_MACHINE_ID: '28715d4c671438',
    FLY_REGION: 'iad',
    OPERATOR_TOKEN: token,
  })
  await service.logged('metrics_listening')
  await service.until(({ body }) => body.status === 'healthy')
  // Start, running time and ready are in the history, and nothing else writes for a minute.
  const commits = 'db_query_duration_seconds_count{query="commit",outcome="ok"}'
  await vi.waitFor(async () => expect((await scrape()).get(commits)).toBe(3), 5_000)
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await database.drop()
})

const scrape = async (): Promise<Samples> => samplesOf(await (await fetch(service.metricsUrl)).text())

async function times(count: number, ask: (index: number) => Promise<Response>): Promise<void> {
  for (let index = 0; index < count; index++) await (await ask(index)).arrayBuffer()
}

/** What was added between two scrapes, of the series that grew. */
function growth(before: Samples, after: Samples, name: string): Record<string, number> {
  const grown = samplesNamed(after, name).map(([labels, value]): [string, number] => [
    labels,
    value - (before.get(name + labels) ?? 0),
  ])
  return Object.fromEntries(grown.filter(([, value]) => value > 0))
}

describe('the metrics after some traffic', () => {
  let before: Samples
  let after: Samples
  beforeAll(async () => {
    before = await scrape()
    await times(3, () => fetch(`${service.url}/`))
    await times(5, () => fetch(`${service.url}/api/deployments`))
    await times(2, () => fetch(`${service.url}/api/deployments`, { method: 'POST' }))
    await times(randomPaths, (index) => fetch(`${service.url}/${index.toString(36)}/${Math.random()}`))
    await times(20, () => fetch(`${service.url}/api/health`))
    await times(4, () => fetch(`${service.url}/api/health/nothing`))
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await client.query('alter table deployments rename to hidden')
    await times(1, () => fetch(`${service.url}/api/deployments`))
    await client.query('alter table hidden rename to deployments')
    await client.end()
    after = await scrape()
  })

  it('count requests by template, every unknown path as unmatched, and health not at all', () => {
    expect(growth(before, after, 'http_request_duration_seconds_count')).toEqual({
      '{method="GET",route="/",status_code="200"}': 3,
      '{method="GET",route="/api/deployments",status_code="200"}': 5,
      '{method="GET",route="/api/deployments",status_code="500"}': 1,
      '{method="POST",route="/api/deployments",status_code="401"}': 2,
      '{method="GET",route="unmatched",status_code="404"}': randomPaths,
    })
    const labels = 'method="GET",route="/",status_code="200"}'
    const buckets = samplesNamed(after, 'http_request_duration_seconds_bucket').filter(([each]) =>
      each.endsWith(labels),
    )
    const bounds = buckets.map(([each]) => /le="([^"]+)"/.exec(each)?.[1])
    expect(bounds).toEqual(expect.arrayContaining(['0.1', '0.5', '1', '+Inf']))
    expect(buckets.map(([, value]) => value)).toEqual(buckets.map(([, value]) => value).sort((a, b) => a - b))
    expect(after.get(`http_request_duration_seconds_sum{${labels}`)).toBeLessThan(3)
    expect(after.get('http_requests_in_flight')).toBe(0)
  })

  it('count each statement under its name, each failure under its class, and each slow one', () => {
    expect(growth(before, after, 'db_query_duration_seconds_count')).toEqual({
      '{query="deployments.list",outcome="ok"}': 5,
      '{query="deployments.list",outcome="error"}': 1,
    })
    expect(growth(before, after, 'db_errors_total')).toEqual({ '{sqlstate_class="42"}': 1 })
    expect(growth(before, after, 'db_slow_queries_total')).toEqual({ '{query="deployments.list"}': 6 })
    expect(growth(before, after, 'db_pool_acquire_duration_seconds_count')).toEqual({ '': 6 })
    const bounds = samplesNamed(after, 'db_query_duration_seconds_bucket').map(
      ([each]) => /le="([^"]+)"/.exec(each)?.[1],
    )
    expect(bounds).toEqual(expect.arrayContaining(['0.1', '0.5']))
  })

  it('tell the pool as it is', () => {
    expect(samplesNamed(after, 'db_pool_connections')).toEqual([
      ['{state="active"}', 0],
      ['{state="idle"}', 1],
    ])
    expect(after.get('db_pool_connections_max')).toBe(7)
    expect(after.get('db_pool_waiting')).toBe(0)
  })

  it('judge each request for the objectives', () => {
    expect(growth(before, after, 'slo_events_total')).toEqual({
      '{objective="availability",outcome="good"}': 10 + randomPaths,
      '{objective="availability",outcome="bad"}': 1,
      '{objective="latency",outcome="good"}': 11 + randomPaths,
    })
  })

  it('have the labels of the contract and no others', () => {
    const expected: Record<string, string[]> = {
      http_request_duration_seconds_count: ['method', 'route', 'status_code'],
      http_requests_in_flight: [],
      health_status: ['status'],
      health_check_status: ['check'],
      health_check_duration_seconds_count: ['check'],
      health_check_last_run_timestamp_seconds: ['check'],
      db_pool_connections: ['state'],
      db_pool_connections_max: [],
      db_pool_waiting: [],
      db_pool_acquire_duration_seconds_count: [],
      db_query_duration_seconds_count: ['query', 'outcome'],
      db_slow_queries_total: ['query'],
      db_errors_total: ['sqlstate_class'],
      process_start_duration_seconds: ['phase'],
      machine_starts_total: ['kind', 'reason'],
      machine_running_seconds_total: [],
      slo_events_total: ['objective', 'outcome'],
      build_info: ['version', 'commit', 'region', 'machine'],
      business_actions_total: ['action'],
      metrics_series_dropped_total: [],
      metrics_scrape_duration_seconds: [],
    }
    const found = Object.keys(expected).map((name) => {
      const sets = new Set(samplesNamed(after, name).map(([labels]) => labelNames(labels).sort().join()))
      return [name, [...sets]]
    })
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(Object.entries(expected).map(([name, labels]) => [name, [labels.toSorted().join()]])),
    )
    expect(after.size).toBeLessThanOrEqual(2_000)
  })

  it('name the build, the phases of the start and what the machine lived through', async () => {
    expect(samplesNamed(after, 'build_info')).toHaveLength(1)
    const build = { version: '1.0.0', commit: 'abc123def', region: 'iad', machine: '28715d4c671438' }
    for (const [name, value] of Object.entries(build)) {
      expect(samplesNamed(after, 'build_info')[0]?.[0]).toContain(`${name}="${value}"`)
    }
    const startup = (await (await fetch(`${service.url}/api/health/startup`)).json()) as {
      phases: { phase: string; wallMs: number }[]
    }
    expect(samplesNamed(after, 'process_start_duration_seconds')).toEqual(
      startup.phases.map(({ phase, wallMs }) => [`{phase="${phase}"}`, wallMs / 1_000]),
    )
    expect(samplesNamed(after, 'machine_starts_total')).toEqual([['{kind="boot",reason="deploy"}', 1]])
    expect(after.get('machine_running_seconds_total')).toBeGreaterThan(0.05)
    expect(after.get('machine_running_seconds_total')).toBeLessThan(60)
    expect(after.get('metrics_series_dropped_total')).toBe(0)
    expect(after.get('metrics_scrape_duration_seconds')).toBeGreaterThan(0)
    expect(after.get('metrics_scrape_duration_seconds')).toBeLessThan(1)
  })

  it('tell each check with its truth and its last run, and none that is not configured', () => {
    const local = ['clock', 'cpu', 'disk', 'event_loop', 'memory', 'pool', 'self_healing']
    const checks = [...local, 'database', 'migrations']
    const statuses = samplesNamed(after, 'health_check_status')
    expect(Object.fromEntries(statuses)).toEqual(Object.fromEntries(checks.map((check) => [`{check="${check}"}`, 1])))
    for (const check of checks) {
      expect(after.get(`health_check_duration_seconds_count{check="${check}"}`)).toBeGreaterThanOrEqual(1)
      const ageSeconds =
        Date.now() / 1_000 - (after.get(`health_check_last_run_timestamp_seconds{check="${check}"}`) ?? 0)
      expect(ageSeconds).toBeGreaterThanOrEqual(0)
      expect(ageSeconds).toBeLessThan(60)
    }
  })
})

describe('what users did', () => {
  it('is counted when it was done', async () => {
    const tell = () =>
      fetch(`${service.url}/api/deployments`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ version: '2.0.0', commit: 'def456abc' }),
      })
    const before = await scrape()
    expect((await tell()).status).toBe(201)
    expect((await tell()).status).toBe(200)
    expect(growth(before, await scrape(), 'business_actions_total')).toEqual({ '{action="deployment_recorded"}': 1 })
  })
})

describe('the metrics listener of a running service', () => {
  it('is not reachable on the public port', async () => {
    expect((await fetch(`${service.url}/metrics`)).status).toBe(404)
  })

  it('answers GET and HEAD of one path, and refuses the rest as problems', async () => {
    const head = await fetch(service.metricsUrl, { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(head.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(1_000)
    expect(await head.text()).toBe('')
    const post = await fetch(service.metricsUrl, { method: 'POST' })
    expect({ code: post.status, allow: post.headers.get('allow') }).toEqual({ code: 405, allow: 'GET, HEAD' })
    const other = await fetch(new URL('/api/health', service.metricsUrl))
    expect(other.status).toBe(404)
    expect(await other.json()).toMatchObject({ status: 404, requestId: other.headers.get('x-request-id') })
  })

  it('speaks OpenMetrics when asked', async () => {
    const response = await fetch(service.metricsUrl, {
      headers: { Accept: 'application/openmetrics-text; version=1.0.0' },
    })
    expect(response.headers.get('content-type')).toMatch(/^application\/openmetrics-text; version=1\.0\.0/)
    expect((await response.text()).endsWith('\n# EOF\n')).toBe(true)
  })

  it('shows two collectors the same lag percentiles, at once and one after the other', async () => {
    const lag = (samples: Samples) => [50, 90, 99].map((p) => samples.get(`nodejs_eventloop_lag_p${p}_seconds`))
    // From the end of the first window on, and again if the next one ended between the two.
    const agree = async () => {
      const [first, second] = await Promise.all([scrape(), scrape()])
      const third = await scrape()
      expect(lag(first).every((seconds) => seconds !== undefined && seconds < 5)).toBe(true)
      return [lag(second), lag(third)].every((values) => String(values) === String(lag(first)))
    }
    await expect.poll(agree, { timeout: 15_000, interval: 500 }).toBe(true)
  })
})
