import supertest, { type Response } from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHttpStandIn } from '../support/http-stand-in.ts'
import { type InProcessService, startInProcess } from '../support/in-process-service.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let service: InProcessService
/** Where one dependency is down for good. */
let downAt: string

beforeAll(async () => {
  database = await createTestDatabase()
  const down = await startHttpStandIn()
  await down.close()
  downAt = new URL(down.url).host
  service = await startInProcess({
    DATABASE_URL: database.url,
    EXTERNAL_APIS: `down=${down.url}`,
    OPERATOR_TOKEN: 'correct-horse-battery',
  })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await database.drop()
})

const checkNames = [
  'database',
  'pool',
  'migrations',
  'redis',
  's3',
  'external_api:down',
  'event_loop',
  'memory',
  'self_healing',
  'disk',
  'cpu',
  'clock',
  'sentry',
]
const knownPaths =
  '/api/health, /api/health/live, /api/health/ready, /api/health/startup, /api/health/deep, /api/health/checks/:name'

const get = (path: string) => supertest(service.url).get(path)
const problem = (status: number, title: string, detail: string, requestId: string) => ({
  ...{ type: 'about:blank', title, status, detail, requestId },
})

describe('every health endpoint', () => {
  const endpoints = [
    ['/api/health', 'degraded'],
    ['/api/health/live', 'alive'],
    ['/api/health/ready', 'ready'],
    ['/api/health/startup', 'ready'],
    ['/api/health/deep', 'degraded'],
    ['/api/health/checks/disk', 'healthy'],
  ] as const

  it.each(endpoints)('%s answers GET with JSON, nothing to keep and one line at debug', async (path, status) => {
    const answer = await get(path)
    expect([answer.status, answer.body.status]).toEqual([200, status])
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(answer.text)),
      'cache-control': 'no-store',
      connection: 'close',
      'medio-machine': 'local',
      'medio-region': 'local',
      'x-content-type-options': 'nosniff',
    })
    expect(answer.headers['server-timing']).toMatch(/^start;dur=[\d.]+(, boot;dur=[\d.]+, .*first-checks;dur=[\d.]+)?$/)
    expect(Number(answer.headers['medio-uptime-ms'])).toBeLessThanOrEqual(performance.now())
    for (const absent of ['set-cookie', 'location', 'etag', 'x-powered-by', 'medio-resume-ms', 'retry-after']) {
      expect(answer.headers).not.toHaveProperty(absent)
    }
    expect(Date.parse(answer.body.timestamp)).toBeLessThanOrEqual(Date.now())
    expect(answer.body.uptime).toBeGreaterThan(0)
    const lines = await service.linesOf(String(answer.headers['x-request-id']))
    expect(lines).toHaveLength(1)
    const line = { level: 'debug', event: 'request_completed', method: 'GET', path, statusCode: 200 }
    expect(lines[0]).toMatchObject(line)
  })

  it.each(endpoints)('%s answers HEAD with the headers of GET and no body', async (path) => {
    const perAnswer = { date: '', 'content-length': '', 'medio-uptime-ms': '', 'x-request-id': '' }
    const [whole, head] = [await get(path), await supertest(service.url).head(path)]
    expect(head.status).toBe(200)
    expect(head.text).toBeUndefined()
    expect({ ...head.headers, ...perAnswer }).toEqual({ ...whole.headers, ...perAnswer })
    // Uptime, CPU and memory in the body differ by some digits.
    const difference = Number(head.headers['content-length']) - Number(whole.headers['content-length'])
    expect(Math.abs(difference)).toBeLessThan(16)
  })

  it.each(endpoints)('%s leaves parameters alone that it does not know', async (path, status) => {
    const answer = await get(`${path}?cb=12345&utm_source=%zz&__proto__=1&=`)
    expect([answer.status, answer.body.status]).toEqual([200, status])
  })

  it('exists under its own name only: any other is 404 and lists those that there are', async () => {
    for (const path of ['/', '/dep', '/LIVE', '/live/', '/checks', '/checks/', '/deep/database', '/%6Cive']) {
      for (const method of ['get', 'post'] as const) {
        const answer = await supertest(service.url)[method](`/api/health${path}`).set('X-Request-Id', 'lost')
        expect([path, answer.status]).toEqual([path, 404])
        expect(answer.body).toEqual(problem(404, 'Not Found', `There is nothing here; ask ${knownPaths}.`, 'lost'))
        expect(answer.headers).toMatchObject({
          'content-type': 'application/problem+json; charset=utf-8',
          'cache-control': 'no-store',
        })
      }
    }
  })

  it('refuses HEAD with the headers of the refusal of GET', async () => {
    const id = { 'X-Request-Id': 'twice' }
    const perAnswer = { date: '', 'medio-uptime-ms': '' }
    for (const path of ['/api/health/dep', '/api/health/checks/dep', '/api/health?format=xml', '/nothing']) {
      const [whole, head] = [await get(path).set(id), await supertest(service.url).head(path).set(id)]
      expect(head.text).toBeUndefined()
      expect({ ...head.headers, ...perAnswer }).toEqual({ ...whole.headers, ...perAnswer })
      expect(head.headers['content-length']).toBe(String(Buffer.byteLength(whole.text)))
    }
  })
})

describe('the form of a report', () => {
  const reports = ['/api/health', '/api/health/deep', '/api/health/checks/disk'] as const
  const forms = [
    ['application/json', 'json', 'application/json; charset=utf-8', /^\{"status":"/],
    ['application/health+json', 'health+json', 'application/health+json; charset=utf-8', /"status":"(pass|warn)"/],
    ['text/plain', 'text', 'text/plain; charset=utf-8', /^(healthy|degraded)\b/i],
  ] as const

  it.each(forms)('%s is given to those who accept it, and by the name %s', async (accept, word, type, start) => {
    for (const path of reports) {
      const asked = [
        get(path).set('Accept', accept),
        get(path).set('Accept', `${accept};q=0.9, */*;q=0.1`),
        get(`${path}?format=${word}`).set('Accept', 'image/png'),
        get(`${path}?format=${encodeURIComponent(word)}&cb=1`),
      ]
      for (const answer of await Promise.all(asked.map((each) => each.buffer(true).parse(asText)))) {
        expect([answer.status, answer.headers['content-type']]).toEqual([200, type])
        expect(answer.body).toMatch(start)
        expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.body)))
      }
    }
  })

  it.each(['xml', '', 'JSON', 'json%00', 'text&format=json', 'json&format=xml', 'toString'])(
    'is never chosen in silence: ?format=%s gets 400',
    async (word) => {
      for (const path of reports) {
        const answer = await get(`${path}?format=${word}`).set('X-Request-Id', 'form')
        const detail = 'Give format once, as one of json, health+json, text.'
        expect([answer.status, answer.body]).toEqual([400, problem(400, 'Bad Request', detail, 'form')])
      }
    },
  )
})

describe('the choice of checks', () => {
  it('runs all of them unless told otherwise', async () => {
    const { body } = await get('/api/health/deep')
    expect(Object.keys(body.checks)).toEqual(checkNames)
    expect(body.checks.database).toEqual({
      ...{ status: 'healthy', critical: true, scope: 'shared', observedUnit: 'ms', consecutiveFailures: 0 },
      ...{ since: null, code: null, threshold: null },
      observedValue: expect.any(Number),
      durationMs: expect.any(Number),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
    })
    expect(body.reasons).toEqual([
      {
        check: 'external_api:down',
        status: 'unhealthy',
        code: 'connection_refused',
        since: body.checks['external_api:down'].since,
        consecutiveFailures: expect.any(Number),
      },
    ])
  })

  it.each([
    ['only=disk', ['disk']],
    ['only=disk,database', ['database', 'disk']],
    ['only=disk&only=clock', ['disk', 'clock']],
    ['only=external_api%3Adown', ['external_api:down']],
    ['only=disk,clock&exclude=clock', ['disk']],
    ['exclude=database,redis', checkNames.filter((name) => name !== 'database' && name !== 'redis')],
  ])('is that of %s', async (query, names) => {
    const { status, body } = await get(`/api/health/deep?${query}`)
    expect([status, Object.keys(body.checks)]).toEqual([200, names])
  })

  it.each([
    ['only=databse', '"databse"'],
    ['exclude=nothing', '"nothing"'],
    ['only=disk,x&exclude=y', '"x", "y"'],
    ['only=', '""'],
    ['only=constructor', '"constructor"'],
    [`only=${'a'.repeat(100)}`, `"${'a'.repeat(64)}"`],
  ])('by %s, which is none, gets 400 and lists the known', async (query, named) => {
    const answer = await get(`/api/health/deep?${query}`).set('X-Request-Id', 'choice')
    const detail = `There is no check named ${named}; the checks are ${checkNames.join(', ')}.`
    expect([answer.status, answer.body]).toEqual([400, problem(400, 'Bad Request', detail, 'choice')])
  })

  it('that leaves none gets 400: nothing asked is no good news', async () => {
    const all = checkNames.join(',')
    for (const query of ['only=disk&exclude=disk', `exclude=${all}`]) {
      const answer = await get(`/api/health/deep?${query}`).set('X-Request-Id', 'none')
      const detail = `only and exclude leave no check to run; the checks are ${checkNames.join(', ')}.`
      expect(answer.body).toEqual(problem(400, 'Bad Request', detail, 'none'))
    }
  })

  it('by path runs that one check, and answers for it alone', async () => {
    const down = await get('/api/health/checks/external_api:down')
    expect([down.status, down.body.status, Object.keys(down.body.checks)]).toEqual([
      200,
      'degraded',
      ['external_api:down'],
    ])
    const encoded = await get('/api/health/checks/external_api%3Adown')
    expect(encoded.body.checks).toEqual(down.body.checks)
    expect((await get('/api/health/checks/redis')).body.checks.redis.status).toBe('not configured')
  })

  it.each(['databse', 'disk/', 'disk%2Fx', ':name', '__proto__', '%E2%82%AC'])(
    'by the path %s, which is none, gets 404 and lists the known',
    async (name) => {
      const answer = await get(`/api/health/checks/${name}`).set('X-Request-Id', 'lost')
      const shown = decodeURIComponent(name)
      const detail = `There is no check named "${shown}"; the checks are ${checkNames.join(', ')}.`
      expect([answer.status, answer.body]).toEqual([404, problem(404, 'Not Found', detail, 'lost')])
    },
  )
})

describe('reasons', () => {
  it('have a message for a holder of the operator token only', async () => {
    const token = { Authorization: 'Bearer correct-horse-battery' }
    for (const path of [
      '/api/health',
      '/api/health/deep?only=external_api:down',
      '/api/health/checks/external_api:down',
    ]) {
      const [open, told] = [await get(path), await get(path).set(token)]
      expect(open.body.reasons).toHaveLength(1)
      expect(open.body.reasons[0]).not.toHaveProperty('message')
      expect(open.text).not.toContain('127.0.0.1')
      expect(told.body.reasons[0].message).toContain(`ECONNREFUSED ${downAt}`)
    }
  })
})

/** Supertest's own parser knows neither of our media types for certain. */
function asText(response: Response, done: (error: Error | null, text: string) => void): void {
  let text = ''
  response.setEncoding('utf8')
  response.on('data', (chunk) => {
    text += String(chunk)
  })
  response.on('end', () => done(null, text))
}
