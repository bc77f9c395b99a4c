import { Agent } from 'node:http'
import { gzipSync } from 'node:zlib'
import pg from 'pg'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InProcessService, startInProcess } from '../support/in-process-service.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const token = 'correct-horse-battery'

let database: TestDatabase
let proxy: TcpProxy
let service: InProcessService
let observer: pg.Client
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

beforeAll(async () => {
  database = await createTestDatabase()
  const url = new URL(database.url)
  proxy = await createTcpProxy({ port: Number(url.port) })
  url.port = String(proxy.port)
  service = await startInProcess({
    ...{ DATABASE_URL: url.href, OPERATOR_TOKEN: token },
    ...{ DATABASE_ACQUIRE_TIMEOUT_MS: '500', DATABASE_STATEMENT_TIMEOUT_MS: '500' },
  })
  observer = new pg.Client({ connectionString: database.url })
  await observer.connect()
})
afterAll(async () => {
  agent.destroy()
  await observer.end()
  await service[Symbol.asyncDispose]()
  await proxy.close()
  await database.drop()
})

const get = (path: string) => supertest(service.url).get(path)
/** All over one connection, so that what one request leaves behind would harm the next. */
const post = () =>
  supertest(service.url)
    .post('/api/deployments')
    .agent(agent)
    .set({ Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'X-Request-Id': 'posted' })

async function stored(): Promise<unknown[]> {
  const text = `select version, commit, image_ref, at, source from deployments where source = 'pipeline' order by id`
  return (await observer.query(text)).rows
}

const at = '2026-11-22T10:00:00.000Z'

describe('POST /api/deployments', () => {
  it('stores a deployment, and answers 201 once and 200 ever after', async () => {
    const sent = { version: '2.0.0', commit: 'abc123', imageRef: 'registry.example/medio:2', at, unknown: 'left alone' }
    const first = await post().send(sent)
    expect([first.status, first.body]).toEqual([
      201,
      {
        version: '2.0.0',
        commit: 'abc123',
        imageRef: 'registry.example/medio:2',
        at,
        source: 'pipeline',
        recorded: true,
        queued: false,
      },
    ])
    const again = await post().send(sent)
    expect([again.status, again.body.recorded]).toEqual([200, false])
    const bare = await post().send({ version: '2.0.0' })
    expect([bare.status, bare.body.commit, bare.body.imageRef]).toEqual([201, null, null])
    expect((await post().send({ version: '2.0.0', commit: null })).status).toBe(200)
    expect(await stored()).toEqual([
      {
        version: '2.0.0',
        commit: 'abc123',
        image_ref: 'registry.example/medio:2',
        at: new Date(at),
        source: 'pipeline',
      },
      { version: '2.0.0', commit: null, image_ref: null, at: expect.any(Date), source: 'pipeline' },
    ])
    const { status, body } = await get('/api/deployments')
    expect(status).toBe(200)
    const mine = body.deployments.filter((each: { source: string }) => each.source === 'pipeline')
    expect(mine.at(-1)).toEqual({
      version: '2.0.0',
      commit: 'abc123',
      imageRef: 'registry.example/medio:2',
      at,
      source: 'pipeline',
    })
  })

  it('stores what is quoted in SQL and any other text as it is', async () => {
    const version = `'); drop table deployments; -- \u{1F680} "\\`
    expect((await post().send({ version, at: '2026-11-22T12:00:00+02:00' })).status).toBe(201)
    expect(await stored()).toContainEqual(expect.objectContaining({ version, at: new Date(at) }))
  })
})

describe('a body that can not be used', () => {
  const text = 'is not a text of 1 to 256 characters'
  const time = 'is not an ISO 8601 time with a zone'
  const fields = (...errors: [string, string][]) => ({
    detail: 'The deployment has fields that can not be used.',
    errors: errors.map(([field, detail]) => ({ field, detail })),
  })
  const notAnObject = { detail: 'The body is not a JSON object.', errors: [] }
  const notJson = { detail: 'The body is not valid JSON.' }

  it.each([
    ['an empty object', '{}', fields(['version', text])],
    ['a version that is a number', '{"version":2}', fields(['version', text])],
    ['an empty version', '{"version":""}', fields(['version', text])],
    ['a version of 257 characters', `{"version":"${'a'.repeat(257)}"}`, fields(['version', text])],
    ['a NUL', '{"version":"a\\u0000"}', fields(['version', text])],
    ['half of a surrogate pair', '{"version":"a\\ud83d"}', fields(['version', text])],
    ['an object for a commit', '{"version":"9","commit":{}}', fields(['commit', text])],
    [
      'faults in every field',
      '{"commit":1,"imageRef":[],"at":0}',
      fields(['version', text], ['at', time], ['commit', text], ['imageRef', text]),
    ],
    ['a time without a zone', '{"version":"9","at":"2026-11-22T10:00:00"}', fields(['at', time])],
    ['a day that there is not', '{"version":"9","at":"2026-02-30T10:00:00Z"}', fields(['at', time])],
    ['an hour that there is not', '{"version":"9","at":"2026-02-20T25:00:00Z"}', fields(['at', time])],
    ['an array', '[{"version":"9"}]', notAnObject],
    ['a number', '42', notAnObject],
    ['null', 'null', notAnObject],
    ['a text', '"9"', notAnObject],
    ['the prototype alone', '{"__proto__":{"version":"9"}}', fields(['version', text])],
    ['half an object', '{"version":"9"', notJson],
    ['a form', 'version=9', notJson],
    ['a comment', '{"version":"9"} // new', notJson],
    ['deep nesting', '['.repeat(8_000), notJson],
  ])('for %s gets 400 and names the field', async (_, body, expected) => {
    const before = await stored()
    const answer = await post().send(body)
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'application/problem+json; charset=utf-8'])
    expect(answer.body).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      requestId: 'posted',
      ...expected,
    })
    expect(await stored()).toEqual(before)
  })

  const bomb = gzipSync(Buffer.alloc(50_000_000, ' '))
  const latin1 = Buffer.from('{"version":"caf\xe9"}', 'latin1')

  it.each([
    ['bytes that are no UTF-8', {}, latin1, 400, 'The body is not valid UTF-8.'],
    [
      'a form',
      { 'Content-Type': 'application/x-www-form-urlencoded' },
      'version=9',
      415,
      'Send a JSON body with Content-Type: application/json.',
    ],
    [
      'a text',
      { 'Content-Type': 'text/plain' },
      '{"version":"9"}',
      415,
      'Send a JSON body with Content-Type: application/json.',
    ],
    [
      'a nameless type',
      { 'Content-Type': ';;' },
      '{"version":"9"}',
      415,
      'Send a JSON body with Content-Type: application/json.',
    ],
    [
      'Latin-1',
      { 'Content-Type': 'application/json; charset=latin1' },
      latin1,
      415,
      'The charset is not supported; send UTF-8.',
    ],
    [
      'a coding that nobody knows',
      { 'Content-Encoding': 'zip' },
      '{"version":"9"}',
      415,
      'The Content-Encoding is not supported; send the body as it is or with gzip.',
    ],
    ['20 KB', {}, JSON.stringify({ version: 'a'.repeat(20_000) }), 413, 'The body is too large; send less at once.'],
    ['5 MB', {}, JSON.stringify({ version: 'a'.repeat(5_000_000) }), 413, 'The body is too large; send less at once.'],
    ['50 MB in 50 KB of gzip', { 'Content-Encoding': 'gzip' }, bomb, 413, 'The body is too large; send less at once.'],
    [
      'gzip that is none',
      { 'Content-Encoding': 'gzip' },
      'not gzip',
      400,
      'The request could not be read; check its path and body.',
    ],
  ] as const)(
    'as it is %s is refused with what to send, and the next request is unharmed',
    async (_, headers, body, status, detail) => {
      const before = await stored()
      const answer = await post()
        .set({ ...headers, 'X-Request-Id': 'refused' })
        .serialize((given) => given)
        .send(body as never)
      expect([answer.status, answer.body.detail]).toEqual([status, detail])
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
      const line = (await service.linesOf('refused')).at(-1)
      expect(line).toMatchObject({ level: 'info', statusCode: status, route: '/api/deployments', detail })
      expect(await stored()).toEqual(before)
      expect((await get('/api/deployments').agent(agent)).status).toBe(200)
    },
  )

  it('that is empty gets told what to send', async () => {
    const answer = await post()
    expect([answer.status, answer.body.detail]).toEqual([400, 'The deployment has fields that can not be used.'])
  })
})

describe('a database that is away', () => {
  it.each(['hold', 'reset', 'drop'] as const)(
    '(%s) makes 503 with Retry-After, and no text of the error goes out; what a pipeline tells waits on disk',
    async (mode) => {
      await proxy.set(mode)
      const requestId = `away-${mode}`
      const version = `3.0.0-${mode}`
      const { status, headers, body } = await get('/api/deployments').set('X-Request-Id', requestId)
      const told = await post().send({ version, at })
      await proxy.set('pass')
      expect([status, headers['retry-after']]).toEqual([503, '5'])
      expect(body).toEqual({
        type: 'about:blank',
        title: 'Service Unavailable',
        status: 503,
        detail: 'The database did not answer; try again shortly.',
        requestId: headers['x-request-id'],
      })
      const completed = (await service.linesOf(requestId)).filter((line) => line.event === 'request_completed')
      expect(completed).toMatchObject([{ level: 'error', statusCode: 503, error: { type: 'DatabaseError' } }])

      expect([told.status, told.body]).toEqual([
        202,
        { version, commit: null, imageRef: null, at, source: 'pipeline', recorded: false, queued: true },
      ])
      const kept = { version, commit: null, image_ref: null, at: new Date(at), source: 'pipeline' }
      await expect.poll(stored, { timeout: 15_000 }).toContainEqual(kept)
      await expect.poll(async () => (await post().send({ version, at })).status, { timeout: 15_000 }).toBe(200)
      expect(await stored()).toEqual(expect.arrayContaining([kept]))
    },
  )
})
