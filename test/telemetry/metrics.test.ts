import { afterAll, expect, test } from 'vitest'
import { createEventLoopLag } from '../../src/telemetry/event-loop-lag.ts'
import { type MetricDefinition, metricDefinitions } from '../../src/telemetry/metric-definitions.ts'
import type { MetricReadings } from '../../src/telemetry/metric-readings.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'

const lag = createEventLoopLag({ windowMs: 50, resolutionMs: 5 })
afterAll(() => lag.stop())

const nothingKnown: MetricReadings = {
  requestsInFlight: () => 0,
  health: () => undefined,
  pool: () => undefined,
  startupPhases: () => [],
  machineTotals: () => undefined,
  restartBudget: () => undefined,
  historySpool: () => undefined,
}

function setUp(readings: Partial<MetricReadings> = {}, maxSeries?: number) {
  const build = { version: '1.0.0', commit: 'abc123', region: 'iad', machine: '28715d4c671438' }
  return createMetrics({ build, lag, readings: { ...nothingKnown, ...readings }, ...(maxSeries && { maxSeries }) })
}

/** The samples of a scrape by series. */
function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const samples = new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]))
  expect(samples.size).toBe(lines.length)
  return samples
}

/** Samples whose series begins so, without those of overflow series. */
function ofFamily(text: string, name: string): Record<string, number> {
  const found = [...samplesOf(text)].filter(([series]) => series.startsWith(name) && !series.includes('overflow'))
  return Object.fromEntries(found)
}

test('every metric of the definitions is announced once, with its type, and no other but the Node.js defaults', async () => {
  const text = await setUp().render()
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => [name, type])
  const ours = types.filter(([name = '']) => !name.startsWith('nodejs_') && !/^process_(?!start_duration)/.test(name))
  const defined = Object.values<MetricDefinition>(metricDefinitions).map(({ name, type }) => [name, type])
  expect(ours.sort()).toEqual(defined.sort())
  for (const { name, help } of Object.values(metricDefinitions)) expect(text).toContain(`# HELP ${name} ${help}\n`)
})

test('a request is recorded under its method, route template and status code', async () => {
  const metrics = setUp()
  metrics.httpRequest('GET', '/api/machines/:id/events', 200, 0.02)
  metrics.httpRequest('GET', '/api/machines/:id/events', 200, 0.7)
  metrics.httpRequest('PROPFIND', undefined, 404, 0.001)
  const counts = ofFamily(await metrics.render(), 'http_request_duration_seconds_count')
  expect(counts).toEqual({
    'http_request_duration_seconds_count{method="GET",route="/api/machines/:id/events",status_code="200"}': 2,
    'http_request_duration_seconds_count{method="other",route="unmatched",status_code="404"}': 1,
  })
  const labels = 'method="GET",route="/api/machines/:id/events",status_code="200"'
  const buckets = ofFamily(await metrics.render(), 'http_request_duration_seconds_bucket')
  expect(buckets[`http_request_duration_seconds_bucket{le="0.025",${labels}}`]).toBe(1)
  expect(buckets[`http_request_duration_seconds_bucket{le="0.5",${labels}}`]).toBe(1)
  expect(buckets[`http_request_duration_seconds_bucket{le="1",${labels}}`]).toBe(2)
})

test('statements, slow queries, errors, waits and checks are recorded', async () => {
  const metrics = setUp()
  metrics.statement('select_machines', 'ok', 0.2)
  metrics.statement('select_machines', 'error', 0.3)
  metrics.slowQuery('select_machines')
  for (const sqlState of ['23505', '57014', undefined, '99999', '57P01']) metrics.databaseError(sqlState)
  metrics.poolAcquire(0.004)
  metrics.healthCheck('database', 0.003)
  const samples = samplesOf(await metrics.render())
  const values = [
    'db_query_duration_seconds_sum{query="select_machines",outcome="ok"}',
    'db_query_duration_seconds_sum{query="select_machines",outcome="error"}',
    'db_slow_queries_total{query="select_machines"}',
    'db_errors_total{sqlstate_class="23"}',
    'db_errors_total{sqlstate_class="57"}',
    'db_errors_total{sqlstate_class="none"}',
    'db_errors_total{sqlstate_class="other"}',
    'db_errors_total{sqlstate_class="08"}',
    'db_pool_acquire_duration_seconds_bucket{le="0.005"}',
    'health_check_duration_seconds_count{check="database"}',
  ].map((series) => samples.get(series))
  expect(values).toEqual([0.2, 0.3, 1, 1, 2, 1, 1, 0, 1, 1])
})

test('counters of closed sets begin at 0', async () => {
  const metrics = setUp()
  metrics.sloEvent('latency', 'bad')
  metrics.businessAction('observation_stored')
  const text = await metrics.render()
  expect(ofFamily(text, 'slo_events_total')).toEqual({
    'slo_events_total{objective="availability",outcome="good"}': 0,
    'slo_events_total{objective="availability",outcome="bad"}': 0,
    'slo_events_total{objective="latency",outcome="good"}': 0,
    'slo_events_total{objective="latency",outcome="bad"}': 1,
    'slo_events_total{objective="health",outcome="good"}': 0,
    'slo_events_total{objective="health",outcome="bad"}': 0,
    'slo_events_total{objective="freshness",outcome="good"}': 0,
    'slo_events_total{objective="freshness",outcome="bad"}': 0,
    'slo_events_total{objective="cold_start",outcome="good"}': 0,
    'slo_events_total{objective="cold_start",outcome="bad"}': 0,
  })
  expect(ofFamily(text, 'business_actions_total')).toMatchObject({
    'business_actions_total{action="observation_stored"}': 1,
    'business_actions_total{action="incident_acknowledged"}': 0,
  })
})

test('what is not known yet is absent, and never 0', async () => {
  const text = await setUp().render()
  const unknown =
    /^(health_status|health_check_(status|last_run)|db_pool_(connections|waiting)|machine_|self_restart|process_start_dur|metrics_scrape)/
  expect([...samplesOf(text).keys()].filter((series) => unknown.test(series))).toEqual([])
  expect(samplesOf(text).get('http_requests_in_flight')).toBe(0)
})

test('readings are taken at each scrape', async () => {
  let status: 'starting' | 'degraded' = 'starting'
  const metrics = setUp({
    requestsInFlight: () => 3,
    health: () => ({
      status,
      checks: [
        { name: 'database', status: 'healthy', checkedAt: 1_795_362_914_500 },
        { name: 'redis', status: status === 'degraded' ? 'stale' : 'degraded', checkedAt: 1_795_362_910_000 },
        { name: 's3', status: 'not configured' },
        { name: 'cpu', status: 'unknown' },
      ],
    }),
    pool: () => ({ active: 1, idle: 3, waiting: 2, max: 10 }),
    startupPhases: () => [{ phase: 'config', wallMs: 12.5 }],
    machineTotals: () => ({
      starts: [{ kind: 'boot', reason: 'deploy', count: 4 }],
      restarts: [{ code: 'pool_stuck', count: 2 }],
      runningSeconds: 3_600.5,
    }),
    restartBudget: () => 1,
  })
  const first = await metrics.render()
  expect(ofFamily(first, 'health_status')).toEqual({
    'health_status{status="healthy"}': 0,
    'health_status{status="degraded"}': 0,
    'health_status{status="unhealthy"}': 0,
    'health_status{status="starting"}': 1,
    'health_status{status="draining"}': 0,
  })
  expect(ofFamily(first, 'health_check_status')).toEqual({
    'health_check_status{check="database"}': 1,
    'health_check_status{check="redis"}': 0.5,
  })
  expect(ofFamily(first, 'health_check_last_run')).toEqual({
    'health_check_last_run_timestamp_seconds{check="database"}': 1_795_362_914.5,
    'health_check_last_run_timestamp_seconds{check="redis"}': 1_795_362_910,
  })
  expect({ ...ofFamily(first, 'db_pool_connections'), ...ofFamily(first, 'db_pool_waiting') }).toEqual({
    'db_pool_connections{state="active"}': 1,
    'db_pool_connections{state="idle"}': 3,
    db_pool_connections_max: 10,
    db_pool_waiting: 2,
  })
  expect({ ...ofFamily(first, 'machine_'), ...ofFamily(first, 'process_start_duration') }).toEqual({
    'machine_starts_total{kind="boot",reason="deploy"}': 4,
    machine_running_seconds_total: 3_600.5,
    'process_start_duration_seconds{phase="config"}': 0.0125,
  })
  expect(ofFamily(first, 'self_restart')).toEqual({
    'self_restarts_total{code="event_loop_blocked"}': 0,
    'self_restarts_total{code="memory_high"}': 0,
    'self_restarts_total{code="pool_stuck"}': 2,
    self_restart_budget_remaining: 1,
  })
  status = 'degraded'
  const second = samplesOf(await metrics.render())
  expect(second.get('health_status{status="starting"}')).toBe(0)
  expect(second.get('health_status{status="degraded"}')).toBe(1)
  expect(second.get('health_check_status{check="redis"}')).toBe(0)
  expect(second.get('machine_starts_total{kind="boot",reason="deploy"}')).toBe(4)
  expect(second.get('http_requests_in_flight')).toBe(3)
})

test('the build is told', async () => {
  const series = 'build_info{version="1.0.0",commit="abc123",region="iad",machine="28715d4c671438"}'
  expect(samplesOf(await setUp().render()).get(series)).toBe(1)
})

test('a scrape shows the time that the one before took', async () => {
  const metrics = setUp()
  await metrics.render()
  const seconds = samplesOf(await metrics.render()).get('metrics_scrape_duration_seconds')
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThan(1)
})

test('a flood of label values ends in the overflow series, below 2,000 lines, and is counted', async () => {
  const checks = Array.from({ length: 400 }, (_, index) => ({ name: `c${index}`, status: 'healthy', checkedAt: 5_000 }))
  const worst = { name: 'last', status: 'unhealthy', checkedAt: 1_000 }
  const metrics = setUp({ health: () => ({ status: 'healthy', checks: [...checks, worst] }) })
  metrics.httpRequest('GET', '/known', 200, 0.1)
  for (let index = 0; index < 3_000; index += 1) {
    metrics.httpRequest('GET', `/route-${index}`, 200, 0.1)
    metrics.statement(`statement_${index}`, 'error', 0.1)
    metrics.slowQuery(`statement_${index}`)
  }
  const samples = samplesOf(await metrics.render())
  expect(samples.size).toBeLessThanOrEqual(2_000)
  expect(samples.size).toBeGreaterThan(1_500)
  metrics.httpRequest('GET', '/known', 200, 0.1)
  const again = samplesOf(await metrics.render())
  expect([...again.keys()]).toEqual(
    expect.arrayContaining([...samples.keys()].filter((series) => !series.startsWith('nodejs_'))),
  )
  const overflowing = 'http_request_duration_seconds_count{method="overflow",route="overflow",status_code="overflow"}'
  const requests = [...again].filter(([series]) => series.startsWith('http_request_duration_seconds_count'))
  expect(requests.reduce((sum, [, count]) => sum + count, 0)).toBe(3_002)
  expect(again.get(overflowing)).toBeGreaterThan(2_000)
  const statements = [...again].filter(([series]) => series.startsWith('db_query_duration_seconds_count'))
  expect(statements.reduce((sum, [, count]) => sum + count, 0)).toBe(3_000)
  expect(again.get('db_query_duration_seconds_count{query="overflow",outcome="ok"}')).toBe(0)
  const slow = [...again].filter(([series]) => series.startsWith('db_slow_queries_total'))
  expect(slow.reduce((sum, [, count]) => sum + count, 0)).toBe(3_000)
  expect(again.get('metrics_series_dropped_total')).toBeGreaterThan(5_000)
  expect(again.get('health_check_status{check="overflow"}')).toBe(0)
  expect(again.get('health_check_last_run_timestamp_seconds{check="overflow"}')).toBe(1)
})

test('a limit that the fixed series already exceed is an error at construction', () => {
  expect(() => setUp({}, 100)).toThrow('exceed the limit of 100')
})

test('the Node.js defaults are there under their usual names, within what is set aside for them', async () => {
  const samples = samplesOf(await setUp().render())
  const defaults = [...samples.keys()].filter((series) => /^(nodejs_|process_(?!start_duration))/.test(series))
  expect(defaults).toEqual(
    expect.arrayContaining([
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_heap_size_used_bytes',
    ]),
  )
  expect(defaults.length).toBeLessThan(300)
})

test('two scrapers at once see the same lag of the event loop', async () => {
  const metrics = setUp()
  const blockedUntilMs = performance.now() + 30
  while (performance.now() < blockedUntilMs);
  await expect.poll(() => lag.last()).toBeDefined()
  const lagOf = (text: string) => ofFamily(text, 'nodejs_eventloop_lag')
  const [one, other] = [await metrics.render(), await metrics.render()].map(lagOf)
  expect(Object.keys(one ?? {}).sort()).toEqual([
    'nodejs_eventloop_lag_max_seconds',
    'nodejs_eventloop_lag_mean_seconds',
    'nodejs_eventloop_lag_min_seconds',
    'nodejs_eventloop_lag_p50_seconds',
    'nodejs_eventloop_lag_p90_seconds',
    'nodejs_eventloop_lag_p99_seconds',
    'nodejs_eventloop_lag_seconds',
    'nodejs_eventloop_lag_stddev_seconds',
  ])
  expect(other).toEqual(one)
  expect(one?.nodejs_eventloop_lag_max_seconds).toBe((lag.last()?.maxMs ?? Number.NaN) / 1_000)
})
