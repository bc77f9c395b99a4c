import pg from 'pg'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startHttpStandIn } from '../support/http-stand-in.ts'
import { type InProcessService, startInProcess } from '../support/in-process-service.ts'
import { startOtlpCollector } from '../support/otlp-collector.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type SentryReceiver, startSentryReceiver } from '../support/sentry-receiver.ts'

const probeToken = 'probe-token-of-the-test'
const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const sampled = `00-${caller.traceId}-${caller.spanId}-01`

let database: TestDatabase
let collector: Awaited<ReturnType<typeof startOtlpCollector>>
let api: Awaited<ReturnType<typeof startHttpStandIn>>
let sentry: SentryReceiver
let service: InProcessService

const get = (path: string) => supertest(service.url).get(path)

beforeAll(async () => {
  database = await createTestDatabase()
  collector = await startOtlpCollector()
  api = await startHttpStandIn()
  sentry = await startSentryReceiver()
  service = await startInProcess({
    DATABASE_URL: database.url,
    SENTRY_DSN: sentry.dsn,
    PROBE_TOKEN: probeToken,
    SLOW_QUERY_MS: '0',
    EXTERNAL_APIS: `pay=${api.url}v1?key=secret-of-the-api`,
    HEALTH_EXTERNAL_API_INTERVAL_MS: '200',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '50',
    FLY_MACHINE_ID: '28715d4c671438',
    FLY_REGION: 'iad',
    FLY_APP_NAME: 'medio-test',
    HEALING_ENABLED: 'false',
  })
  // The history has recorded this deployment.
  await vi.waitFor(async () => expect((await get('/api/deployments')).body.deployments).toHaveLength(1), 5_000)
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await Promise.all([collector.close(), api.close(), sentry.close()])
  await database.drop()
})

/** The lines of a request, once it is completed. */
const linesOf = (requestId: string) =>
  vi.waitFor(() => {
    const lines = service.lines.filter((line) => line.requestId === requestId)
    if (!lines.some(({ event }) => event === 'request_completed')) throw new Error(`${requestId} is not completed`)
    return lines
  })
const ofRequest = (id: string) => collector.received(({ attributes }) => attributes['medio.request_id'] === id)

describe('a request with the trace context of its caller', () => {
  it('has a server span below the caller’s, and a client span for each statement below that', async () => {
    await get('/api/deployments?limit=secret').set({
      'X-Request-Id': 'traced',
      traceparent: sampled,
      tracestate: 'v=1',
    })
    const [request] = await ofRequest('traced')
    expect(request).toMatchObject({
      ...{ name: 'GET /api/deployments', kind: 'server', traceId: caller.traceId, parentSpanId: caller.spanId },
      ...{ traceState: 'v=1', error: undefined },
      attributes: {
        ...{ 'http.request.method': 'GET', 'http.route': '/api/deployments', 'url.path': '/api/deployments' },
        ...{ 'url.scheme': 'http', 'http.response.status_code': 200 },
      },
      resource: {
        ...{ 'service.name': 'medio-test', 'service.version': '1.0.0', 'service.instance.id': '28715d4c671438' },
        ...{ 'cloud.region': 'iad', 'deployment.environment.name': 'test' },
      },
    })
    const [statement] = await collector.received(({ parentSpanId }) => parentSpanId === request?.spanId)
    expect(statement).toMatchObject({
      ...{ name: 'deployments.list', kind: 'client', traceId: caller.traceId, traceState: 'v=1' },
      attributes: {
        'db.system.name': 'postgresql',
        'db.query.text':
          'select version, commit, image_ref as "imageRef", at, source from deployments order by at desc, id desc limit ?',
        'db.response.returned_rows': 1,
      },
    })
    expect(statement?.startMs).toBeGreaterThanOrEqual(request?.startMs ?? Number.NaN)
    expect(statement?.endMs).toBeLessThanOrEqual(request?.endMs ?? Number.NaN)
    expect(JSON.stringify([request, statement])).not.toContain('secret')
  })

  it('has the id of the trace in each of its log lines', async () => {
    await get('/api/machines/28715d4c671438/events').set({ 'X-Request-Id': 'logged', traceparent: sampled })
    const lines = await linesOf('logged')
    expect(lines.at(-1)).toMatchObject({ event: 'request_completed', traceId: caller.traceId })
    expect(lines.find(({ event }) => event === 'slow_query')).toMatchObject({ traceId: caller.traceId })
  })

  it('is not exported when the caller does not sample, and its lines have the id all the same', async () => {
    const headers = { 'X-Request-Id': 'unsampled', traceparent: `00-${'1'.repeat(32)}-${caller.spanId}-00` }
    await get('/api/deployments').set(headers)
    await get('/api/deployments').set({ 'X-Request-Id': 'after' })
    await ofRequest('after')
    expect(collector.spans.filter(({ traceId }) => traceId === '1'.repeat(32))).toEqual([])
    const lines = await linesOf('unsampled')
    expect(new Set(lines.map(({ traceId }) => traceId))).toEqual(new Set(['1'.repeat(32)]))
  })
})

describe('a request without one', () => {
  it('begins a trace, under its method alone where no route matched', async () => {
    await get('/nothing/here').set('X-Request-Id', 'unmatched')
    const [request] = await ofRequest('unmatched')
    expect(request).toMatchObject({ name: 'GET', parentSpanId: undefined, error: undefined })
    expect(request?.attributes).toMatchObject({ 'http.response.status_code': 404 })
    expect(request?.attributes).not.toHaveProperty('http.route')
  })

  it('of health or metrics has no span', async () => {
    await get('/api/health').set('X-Request-Id', 'health')
    await get('/api/health/ready').set('X-Request-Id', 'ready')
    await get('/').set('X-Request-Id', 'index')
    await ofRequest('index')
    expect(
      collector.spans.filter(({ attributes }) => String(attributes['url.path']).startsWith('/api/health')),
    ).toEqual([])
  })

  it('has the statements of a transaction below one span, and their values nowhere', async () => {
    const observation = {
      ...{ at: new Date().toISOString(), target: 'value-of-a-parameter', source: 'test', region: 'iad' },
      ...{ durationMs: 12, statusCode: 200 },
    }
    const headers = { Authorization: `Bearer ${probeToken}`, 'X-Request-Id': 'posted' }
    const answer = await supertest(service.url).post('/api/observations').set(headers).send(observation)
    expect(answer.body).toMatchObject({ received: 1, stored: 1 })
    const [request] = await ofRequest('posted')
    const [transaction] = await collector.received(({ parentSpanId }) => parentSpanId === request?.spanId)
    expect(transaction).toMatchObject({ name: 'transaction', kind: 'internal' })
    const statements = await collector.received(({ parentSpanId }) => parentSpanId === transaction?.spanId, 3)
    expect(statements.map(({ name }) => name)).toEqual(['begin', 'observations.insert', 'commit'])
    expect(JSON.stringify(collector.spans)).not.toMatch(/value-of-a-parameter|probe-token/)
  })
})

describe('a request that fails', () => {
  it('has the same trace in its span, its statement, its log line and its event of Sentry', async () => {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await client.query('alter table deployments rename to mislaid')
    await get('/api/deployments').set('X-Request-Id', 'failed')
    await client.query('alter table mislaid rename to deployments')
    await client.end()
    const [request] = await ofRequest('failed')
    expect(request?.attributes).toMatchObject({ 'http.response.status_code': 500, 'error.type': 'DatabaseError' })
    expect(request?.error).toBe(true)
    const [statement] = await collector.received(({ parentSpanId }) => parentSpanId === request?.spanId)
    expect(statement?.attributes).toMatchObject({ 'db.response.status_code': '42P01', 'error.type': '42P01' })
    expect(statement?.error).toBe(true)
    await sentry.received(1)
    const { traceId: trace_id, spanId: span_id } = request ?? {}
    expect(sentry.events[0]?.event.contexts?.trace).toMatchObject({ trace_id, span_id })
    const lines = await linesOf('failed')
    expect(new Set(lines.map(({ traceId }) => traceId))).toEqual(new Set([request?.traceId]))
  })
})

describe('a run of a check', () => {
  it('has a span of its own with its statement below it', async () => {
    const [run] = await collector.received(({ name }) => name === 'check database')
    expect(run).toMatchObject({ kind: 'internal', parentSpanId: undefined, error: undefined })
    expect(run?.attributes).toEqual({
      'medio.check': 'database',
      'medio.check.deep': false,
      'medio.check.status': 'healthy',
    })
    const [statement] = await collector.received(({ parentSpanId }) => parentSpanId === run?.spanId)
    expect(statement?.attributes['db.query.text']).toContain('pg_is_in_recovery() as "inRecovery"')
  })

  it('hands its trace on with the requests that it makes, whose spans have no query', async () => {
    const [run] = await collector.received(({ name }) => name === 'check external_api:pay')
    const [request] = await collector.received(({ parentSpanId }) => parentSpanId === run?.spanId)
    const port = Number(new URL(api.url).port)
    expect(request).toMatchObject({ name: 'GET', kind: 'client', traceId: run?.traceId, error: undefined })
    expect(request?.attributes).toEqual({
      ...{ 'http.request.method': 'GET', 'http.response.status_code': 200 },
      ...{ 'url.full': `${api.url}v1`, 'server.address': '127.0.0.1', 'server.port': port },
    })
    expect(api.headers.map(({ traceparent }) => traceparent)).toContain(`00-${run?.traceId}-${request?.spanId}-01`)
  })

  it('that fails says why, in its own span and in that of the request', async () => {
    api.behave({ statusCode: 503 })
    const failed = ({ name, error }: { name: string; error: unknown }) =>
      name === 'check external_api:pay' && error !== undefined
    const [run] = await collector.received(failed)
    api.behave({ statusCode: 200 })
    expect(run).toMatchObject({ error: 'pay answered with 503' })
    expect(run?.attributes).toMatchObject({ 'medio.check.status': 'unhealthy', 'error.type': 'bad_response' })
    const [request] = await collector.received(({ parentSpanId }) => parentSpanId === run?.spanId)
    expect(request?.attributes).toMatchObject({ 'http.response.status_code': 503, 'error.type': '503' })
  })
})

describe('the metrics of a traced service', () => {
  const scrape = async (accept: string) => {
    const port = service.lines.find(({ event }) => event === 'metrics_listening')?.port
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { accept } })
    return { type: response.headers.get('content-type'), text: await response.text() }
  }

  it('show the last sampled request and statement as exemplars, in OpenMetrics only', async () => {
    await get('/api/deployments').set({ 'X-Request-Id': 'exemplar', traceparent: sampled })
    const [request] = await ofRequest('exemplar')
    const [statement] = await collector.received(({ parentSpanId }) => parentSpanId === request?.spanId)
    const { type, text } = await scrape('application/openmetrics-text;version=1.0.0')
    expect(type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    const ids = (spanId = '') => `# {trace_id="${caller.traceId}",span_id="${spanId}"} `
    const lineWith = (part: string) => text.split('\n').find((line) => line.includes(part))
    expect(lineWith(ids(request?.spanId))).toMatch(
      /^http_request_duration_seconds_bucket\{le="[^"]+",method="GET",route="\/api\/deployments",status_code="200"\} \d+ # \{.+\} [\d.e-]+ \d{10}(\.\d+)?$/,
    )
    expect(lineWith(ids(statement?.spanId))).toMatch(/^db_query_duration_seconds_bucket\{.*query="deployments.list"/)
    expect(text.endsWith('# EOF\n')).toBe(true)
    const plain = await scrape('text/plain')
    expect(plain.text).not.toMatch(/ # \{|# EOF/)
    expect(plain.text).toContain('trace_spans_dropped_total{reason="queue_full"} 0\n')
  })
})

describe('the collector', () => {
  it('found nothing wrong with what it got, and no span without its parent', async () => {
    await service.stop()
    expect(collector.problems).toEqual([])
    const known = new Set(collector.spans.map(({ spanId }) => spanId))
    const orphans = collector.spans.filter(
      ({ parentSpanId }) => parentSpanId !== undefined && parentSpanId !== caller.spanId && !known.has(parentSpanId),
    )
    expect(orphans.map(({ name }) => name)).toEqual([])
  })
})
