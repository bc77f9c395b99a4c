import { randomUUID } from 'node:crypto'
import pg from 'pg'
import supertest from 'supertest'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type InProcessService, startInProcess } from '../support/in-process-service.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const probeToken = 'the-token-of-the-prober'
const operatorToken = 'the-token-of-the-operator'
const hourMs = 3_600_000
/** The begin of the hour before this one. */
const beginMs = (Math.floor(Date.now() / hourMs) - 1) * hourMs

let database: TestDatabase
let proxy: TcpProxy
let service: InProcessService
let observer: pg.Client

beforeAll(async () => {
  database = await createTestDatabase()
  const url = new URL(database.url)
  proxy = await createTcpProxy({ port: Number(url.port) })
  url.port = String(proxy.port)
  service = await startInProcess({
    ...{ DATABASE_URL: url.href, PROBE_TOKEN: probeToken, OPERATOR_TOKEN: operatorToken, SELF_PROBE_INTERVAL_MS: '0' },
    ...{ DATABASE_ACQUIRE_TIMEOUT_MS: '500', DATABASE_STATEMENT_TIMEOUT_MS: '500', HEALTH_INTERVAL_MS: '500' },
  })
  observer = new pg.Client({ connectionString: database.url })
  await observer.connect()
})
afterAll(async () => {
  await observer.end()
  await service[Symbol.asyncDispose]()
  await proxy.close()
  await database.drop()
})
beforeEach(async () => {
  await observer.query('truncate observations, observation_deltas, observation_rollups')
})

const post = (body: unknown, token = probeToken) =>
  supertest(service.url)
    .post('/api/observations')
    .set({ Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' })
    .send(typeof body === 'string' ? body : JSON.stringify(body))

/** Each with a query of its own, so that no answer comes from the cache. */
const get = (query: Readonly<Record<string, string | readonly string[]>> = {}) =>
  supertest(service.url).get('/api/observations').query(query)

const observed = (offsetMs: number, more: Readonly<Record<string, unknown>> = {}) => ({
  ...{ at: new Date(beginMs + offsetMs).toISOString(), durationMs: 100, statusCode: 200, healthStatus: 'healthy' },
  ...{ target: randomUUID(), source: 'london', uptimeMs: 1_000_000 },
  ...more,
})
const stored = async () => (await observer.query('select target from observations')).rows.map(({ target }) => target)

describe('POST /api/observations', () => {
  it('takes one or many, and tells what was new, within a batch and after it', async () => {
    const one = observed(0, { target: 'one' })
    const first = await post(one)
    expect([first.status, first.body]).toEqual([200, { received: 1, stored: 1, known: 0, queued: 0 }])
    const two = observed(0, { target: 'two' })
    const batch = await post([one, two, two])
    expect([batch.status, batch.body]).toEqual([200, { received: 3, stored: 1, known: 2, queued: 0 }])
    expect((await stored()).sort()).toEqual(['one', 'two'])
    expect((await post([])).body).toEqual({ received: 0, stored: 0, known: 0, queued: 0 })
  })

  it('takes a thousand, counts each as what a user did, and of the cold-start objective those that met one as bad', async () => {
    const metrics = async () => {
      const port = service.lines.find(({ event }) => event === 'metrics_listening')?.port
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      const value = (series: string) =>
        Number(
          text
            .split('\n')
            .find((line) => line.startsWith(series))
            ?.split(' ')[1],
        )
      return [
        value('business_actions_total{action="observation_stored"}'),
        value('slo_events_total{objective="cold_start",outcome="good"}'),
        value('slo_events_total{objective="cold_start",outcome="bad"}'),
      ]
    }
    const [actions = 0, good = 0, bad = 0] = await metrics()
    const many = Array.from({ length: 998 }, (_, index) => observed(index))
    const cold = [observed(0, { uptimeMs: 50 }), observed(0, { uptimeMs: 9_000, resumeMs: 5 })]
    expect((await post([...many, ...cold])).body).toEqual({ received: 1_000, stored: 1_000, known: 0, queued: 0 })
    expect(await metrics()).toEqual([actions + 1_000, good + 998, bad + 2])
  })

  it('stores nothing of a batch with one bad item, and names every fault by its index', async () => {
    const answer = await post([observed(0), observed(0, { durationMs: -1, at: 'noon' }), 7])
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'application/problem+json; charset=utf-8'])
    expect(answer.body).toEqual({
      ...{ type: 'about:blank', title: 'Bad Request', status: 400, requestId: answer.headers['x-request-id'] },
      detail: 'There are observations that can not be used; nothing is stored.',
      errors: [
        { index: 1, field: 'at', detail: 'is not an ISO 8601 time with a zone' },
        { index: 1, field: 'durationMs', detail: 'is not a number of milliseconds from 0 to 86400000' },
        { index: 2, field: '', detail: 'is not a JSON object' },
      ],
    })
    expect(await stored()).toEqual([])
  })

  it.each([
    ['more than a thousand', Array(1_001).fill({}), 'The batch has 1001 observations; send at most 1000 at once.'],
    ['half a body', '[{"at":', 'The body is not valid JSON.'],
  ])('refuses %s observations', async (_, body, detail) => {
    const answer = await post(body)
    expect([answer.status, answer.body.detail]).toEqual([400, detail])
    expect(await stored()).toEqual([])
  })

  it('refuses what lies beyond its clock, and what retention has deleted or would at once', async () => {
    const at = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
    const answer = await post([
      observed(0, { at: at(1.1) }),
      observed(0, { at: at(-91) }),
      observed(0, { at: at(-89) }),
    ])
    expect(answer.body.errors).toEqual([
      { index: 0, field: 'at', detail: 'is more than a day ahead of the clock of the service' },
      { index: 1, field: 'at', detail: 'is older than the 90 days that are kept' },
    ])
  })

  it('is for the prober: no token, a wrong one and the operator get 401; other types and sizes are refused', async () => {
    expect((await supertest(service.url).post('/api/observations').send({})).status).toBe(401)
    expect((await post({}, operatorToken)).status).toBe(401)
    expect((await post({}).set('Content-Type', 'text/plain')).status).toBe(415)
    expect((await post(JSON.stringify({ target: 'x'.repeat(1_100_000) }))).status).toBe(413)
    expect((await supertest(service.url).delete('/api/observations')).headers.allow).toBe('GET, HEAD, POST')
  })

  it.each(['reset', 'hold'] as const)(
    'answers 202 while the database meets a %s, and stores it when that is over',
    async (mode) => {
      await proxy.set(mode)
      const sent = observed(0, { target: mode })
      const answer = await post([sent, observed(1, { target: mode })])
      expect([answer.status, answer.body]).toEqual([202, { received: 2, stored: 0, known: 0, queued: 2 }])
      const again = await post(sent)
      expect([again.status, again.body.queued]).toEqual([202, 1])
      await proxy.set('pass')
      await expect.poll(stored, { timeout: 15_000 }).toEqual([mode, mode])
      await expect.poll(async () => (await post(sent)).body, { timeout: 10_000 }).toMatchObject({ stored: 0, known: 1 })
    },
  )
})

describe('GET /api/observations', () => {
  const hour = (target?: string) => ({
    from: new Date(beginMs).toISOString(),
    to: new Date(beginMs + hourMs).toISOString(),
    ...(target !== undefined && { target }),
  })

  it('tells every bucket of the range, the empty ones too, with how it counts', async () => {
    const target = randomUUID()
    await post([
      ...Array.from({ length: 18 }, () => observed(0, { id: randomUUID(), target })),
      observed(59_999, { target, durationMs: 300, uptimeMs: 200 }),
      observed(30_000, { target, durationMs: 200, statusCode: 503, healthStatus: 'unhealthy' }),
      observed(120_000, { target, source: 'self' }),
    ])
    const { status, body } = await get({ ...hour(target), bucket: '1m' })
    expect(status).toBe(200)
    expect(body).toEqual({
      ...{ from: hour().from, to: hour().to, bucket: '1m' },
      method: 'nearest rank in logarithmic buckets, relative error at most 1 %',
      buckets: expect.any(Array),
    })
    expect(body.buckets).toHaveLength(60)
    expect(body.buckets[0]).toEqual({
      ...{ at: hour().from, count: 20, ok: 19, cold: 1, availability: 0.95, maxMs: 300, p99Ms: null },
      p50Ms: expect.closeTo(100, 0),
      p95Ms: expect.closeTo(200, -1),
    })
    expect(body.buckets[2]).toEqual({
      ...{ at: new Date(beginMs + 120_000).toISOString(), count: 0, ok: 0, cold: 0, availability: null },
      ...{ p50Ms: null, p95Ms: null, p99Ms: null, maxMs: null },
    })
    const self = await get({ ...hour(target), bucket: '1m', source: 'self' })
    expect(self.body.buckets.map(({ count }: { count: number }) => count).slice(0, 3)).toEqual([0, 0, 1])
  })

  it('chooses a width that makes a readable chart, and the last day when no range is asked for', async () => {
    const width = async (query: Record<string, string>) => (await get(query)).body.bucket
    const since = (hours: number) => new Date(Date.now() - hours * hourMs).toISOString()
    expect([
      await width({ from: since(1) }),
      await width({ from: since(200) }),
      await width({ from: since(2_000) }),
    ]).toEqual(['1m', '1h', '1d'])
    const { body } = await get()
    expect(body.bucket).toBe('5m')
    expect(Date.parse(body.to) - Date.parse(body.from)).toBeLessThanOrEqual(86_400_000 + 300_000)
  })

  it.each([
    [{ bucket: '2m' }, 'bucket', 'is not one of 1m, 5m, 1h, 1d'],
    [{ from: 'yesterday' }, 'from', 'is not an ISO 8601 time with a zone, as 2026-11-22T10:00:00Z'],
    [{ to: '' }, 'to', 'is not an ISO 8601 time with a zone, as 2026-11-22T10:00:00Z'],
    [{ from: '2026-11-22T10:00:00Z', to: '2026-11-22T10:00:00Z' }, 'from', 'is not before to'],
    [{ target: '' }, 'target', 'is not a text of 1 to 256 characters'],
    [{ region: 'x'.repeat(65) }, 'region', 'is not a text of 1 to 64 characters'],
    [{ source: 'a\0b' }, 'source', 'is not a text of 1 to 64 characters'],
    [{ source: ['a', 'b'] }, 'source', 'is given more than once'],
    [
      { from: '2026-11-01T00:00:00Z', to: '2026-11-03T00:00:00Z', bucket: '1m' },
      'bucket',
      'makes 2880 buckets, more than 1500; ask for 5m, or for a shorter range',
    ],
    [
      { from: '2000-01-01T00:00:00Z', to: '2026-11-03T00:00:00Z' },
      'bucket',
      'makes 9803 buckets, more than 1500; ask for a shorter range',
    ],
  ])('answers 400 to %j and names the parameter', async (query, field, detail) => {
    const { status, body } = await get(query)
    expect([status, body.errors]).toEqual([400, [{ field, detail }]])
  })

  it('leaves parameters alone that it does not know', async () => {
    expect((await get({ ...hour(), nocache: '1' })).status).toBe(200)
  })

  it('answers 503 while the database is away, and keeps no such answer', async () => {
    const target = randomUUID()
    await proxy.set('reset')
    const away = await get(hour(target))
    expect([away.status, away.headers['retry-after']]).toEqual([503, '5'])
    await proxy.set('pass')
    await expect.poll(async () => (await get(hour(target))).status).toBe(200)
  })

  it('answers who looks again within seconds with what it has', async () => {
    const target = randomUUID()
    expect((await get(hour(target))).body.buckets[0].count).toBe(0)
    await post(observed(0, { target }))
    // Still the answer of before.
    expect((await get(hour(target))).body.buckets[0].count).toBe(0)
  })

  it('answers 429 with Retry-After to a client that asks without end', async () => {
    let answer = await get(hour('limit'))
    for (let count = 0; answer.status === 200 && count < 150; count++) answer = await get(hour('limit'))
    expect(answer.status).toBe(429)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(answer.body.detail).toContain('wait as long as Retry-After says')
  })
})
