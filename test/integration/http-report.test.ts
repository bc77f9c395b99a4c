import pg from 'pg'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '../../src/db/migrate.ts'
import { type InProcessService, startInProcess } from '../support/in-process-service.ts'
import { startPostgresServer, type TestServer } from '../support/postgres.ts'

const operatorToken = 'operator-token-of-the-report'
const probeToken = 'probe-token-of-the-report'
const firstMs = Date.parse('2026-11-22T10:00:00Z')
const at = (second: number) => new Date(firstMs + second * 1_000).toISOString()
const range = `from=${at(0)}&to=${at(3_600)}`

let postgres: TestServer
let service: InProcessService
let client: pg.Client

beforeAll(async () => {
  postgres = await startPostgresServer({ shared_preload_libraries: 'pg_stat_statements' })
  await migrate({ databaseUrl: postgres.url, directory: 'migrations', log: () => undefined })
  client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  service = await startInProcess({
    ...{ DATABASE_URL: postgres.url, OPERATOR_TOKEN: operatorToken, PROBE_TOKEN: probeToken },
    DATABASE_STATEMENT_TIMEOUT_MS: '2000',
  })
  const probes = Array.from({ length: 30 }, (_, index) => ({
    ...{ at: at(index), durationMs: 10 + index, statusCode: 200, healthStatus: 'healthy', source: 'fra' },
    ...{ target: index < 20 ? 'one' : 'two', machine: 'a1', version: '1.0.0', uptimeMs: 60_000 + index * 1_000 },
    ...{ databaseMs: 2, reasons: [] },
    ...(index === 7 && {
      ...{ statusCode: 503, healthStatus: 'unhealthy' },
      reasons: [{ check: 'database', code: 'timeout' }],
    }),
  }))
  const own = { ...probes[0], at: at(40), source: 'self', statusCode: 503, healthStatus: 'unhealthy' }
  await supertest(service.url)
    .post('/api/observations')
    .set('Authorization', `Bearer ${probeToken}`)
    .send([...probes, own])
    .expect(200)
})
afterAll(async () => {
  await client.end()
  await service[Symbol.asyncDispose]()
  await postgres[Symbol.asyncDispose]()
})

const get = (query = range) =>
  supertest(service.url).get(`/api/report?${query}`).set('Authorization', `Bearer ${operatorToken}`)

describe('GET /api/report', () => {
  it('assesses what outside probes stored, and leaves out what the service told of itself', async () => {
    const { status, body } = await get(`${range}&format=json`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      ...{ schemaVersion: 1, target: 'all targets', from: at(0), to: at(29), verdict: 'not_met' },
      counts: { observations: 30, ok: 29, failed: 1, warm: 30, cold: 0, unclassified: 0 },
      availability: { good: 29, total: 30 },
    })
    expect(body.latencyMs.all).toMatchObject({ count: 30, min: 10, max: 39, p50: 24, p95: 38, p99: null })
    const met = (body.criteria as { id: string; population: string; verdict: string }[])
      .filter(({ population }) => population === 'all')
      .map(({ id, verdict }) => [id, verdict])
    expect(met).toEqual([
      ['SC-004', 'met'],
      ['SC-005', 'not_met'],
      ['SC-006', 'not_met'],
      ['SC-007', 'not_met'],
      ['SC-010', 'met'],
    ])
  })

  it('takes one target, and a range whose end is not within', async () => {
    const { body } = await get(`from=${at(5)}&to=${at(25)}&target=one&format=json`)
    expect([body.target, body.from, body.to, body.counts.observations]).toEqual(['one', at(5), at(19), 15])
  })

  it('is Markdown for a person with curl, and a page that may run nothing for a browser', async () => {
    const text = await get().set('Accept', '*/*')
    expect([text.status, text.headers['content-type']]).toEqual([200, 'text/markdown; charset=utf-8'])
    expect(text.text).toMatch(/^# Monitoring report\n/)
    expect(text.text).toContain('29 of 30 probes good')
    expect(text.text).toMatch(
      /^## Objectives and error budgets\n\nWhat the service counted in the 30 days to 2026-11-22 11:00/m,
    )

    const page = await supertest(service.url)
      .get(`/api/report?${range}`)
      .auth('anybody', operatorToken)
      .set('Accept', 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8')
    expect([page.status, page.headers['content-type'], page.headers['cache-control']]).toEqual([
      ...[200, 'text/html; charset=utf-8', 'no-store'],
    ])
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'unsafe-inline';/)
    expect(page.text).toContain('29 of 30 probes good')
  })

  it('has the timeline of the machines as the history recorded it', async () => {
    const { text } = await get(`from=${new Date(Date.now() - 600_000).toISOString()}`)
    expect(text).toMatch(/\| local +\| start +\| deploy, version 1\.0\.0 +\| service \|/)
  })

  it('names the dearest statements without a value once pg_stat_statements is there', async () => {
    expect((await get(`${range}&format=json`)).body.statements).toBeUndefined()
    await client.query('create extension pg_stat_statements')
    await client.query(`alter role current_user password 'a-secret-in-a-utility-statement'`)
    await client.query('select pg_sleep(0.05), 4711')
    const { body, text } = await get(`${range}&format=json`)
    expect(body.statements[0]).toMatchObject({ query: 'select pg_sleep(?), ?', calls: 1 })
    expect(body.statements[0].totalMs).toBeGreaterThanOrEqual(50)
    expect(text).not.toMatch(/4711|a-secret/)
  })

  it('names every parameter that can not be used', async () => {
    const { status, body } = await get('from=yesterday&format=pdf&target=')
    expect([status, body.title]).toEqual([400, 'Bad Request'])
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(['from', 'target', 'format'])
    expect((await get(`from=${at(1)}&to=${at(0)}`)).body.errors).toEqual([
      { field: 'from', detail: 'is not before to' },
    ])
    expect((await get(`from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z`)).body.errors).toEqual([
      { field: 'from', detail: 'is more than 92 days before to' },
    ])
  })

  it('asks whoever has no token for one, as browsers understand it', async () => {
    const { status, headers } = await supertest(service.url).get('/api/report')
    expect([status, headers['www-authenticate']]).toEqual([401, 'Basic realm="medio", charset="UTF-8"'])
    expect((await supertest(service.url).get('/api/report').auth('x', 'a-wrong-one')).status).toBe(401)
    const post = await supertest(service.url).post('/api/report').set('Authorization', `Bearer ${operatorToken}`)
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD'])
  })

  it('makes one at a time, and answers 503 for a database that does not answer', async () => {
    await client.query('begin')
    await client.query('lock table observations')
    try {
      const first = get()
      const waiting = first.then(({ status, body }) => [status, body.detail])
      await new Promise((resolve) => setTimeout(resolve, 200))
      const second = await get()
      expect([second.status, second.headers['retry-after']]).toEqual([429, '5'])
      expect(await waiting).toEqual([503, 'The database did not answer; try again shortly.'])
    } finally {
      await client.query('rollback')
    }
    expect((await get()).status).toBe(200)
  })
})

describe('the status page over the stored history', () => {
  it('counts the probes of the day, and shows the machine and the deployment that answer', async () => {
    const probe = (secondsAgo: number, statusCode: number) => ({
      ...{ at: new Date(Date.now() - secondsAgo * 1_000).toISOString(), durationMs: 20, statusCode, target: 'one' },
      ...{ healthStatus: statusCode === 200 ? 'healthy' : 'unhealthy', source: 'fra' },
    })
    await supertest(service.url)
      .post('/api/observations')
      .set('Authorization', `Bearer ${probeToken}`)
      .send([probe(3, 200), probe(2, 200), probe(1, 503)])
      .expect(200)
    let text = ''
    // Rounds of reading are five seconds apart.
    for (let tries = 0; tries < 30 && !text.includes('of 33 outside probes'); tries += 1) {
      text = (await supertest(service.url).get('/status').expect(200)).text
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    expect(text).toContain('of 33 outside probes answered well, 2 did not')
    expect(text).toMatch(/<code>local<\/code>/)
    expect(text).toContain('recorded by its first start')
  })

  it('has objectives with the windows of the burn rates', async () => {
    const { body } = await supertest(service.url).get('/api/slo').expect(200)
    expect(body.objectives.map(({ name }: { name: string }) => name)).toEqual([
      ...['availability', 'latency', 'health', 'freshness', 'cold_start'],
    ])
    expect(body.objectives[0].burnRates.map(({ window }: { window: string }) => window)).toEqual([
      ...['5m', '30m', '1h', '2h', '6h', '1d', '3d'],
    ])
  })
})
