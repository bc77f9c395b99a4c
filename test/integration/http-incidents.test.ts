import pg from 'pg'
import supertest from 'supertest'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type InProcessService, startInProcess } from '../support/in-process-service.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const token = 'the-token-of-the-operator'

let database: TestDatabase
let service: InProcessService
let observer: pg.Client
let openId: number
let closedId: number

beforeAll(async () => {
  database = await createTestDatabase()
  observer = new pg.Client({ connectionString: database.url })
  await observer.connect()
  service = await startInProcess({ DATABASE_URL: database.url, OPERATOR_TOKEN: token, SELF_PROBE_INTERVAL_MS: '0' })
})
afterAll(async () => {
  await observer.end()
  await service[Symbol.asyncDispose]()
  await database.drop()
})
beforeEach(async () => {
  await observer.query('truncate incidents')
  const { rows } = await observer.query(`
    insert into incidents (check_name, scope, machine_id, code, evidence, opened_at, closed_at) values
      ('redis', 'shared', null, 'timeout', '{"status":"unhealthy","message":"no answer from redis.internal"}',
        '2026-11-22T10:00:00Z', null),
      ('memory', 'local', 'one', 'memory_high', '{}', '2026-11-22T09:00:00Z', '2026-11-22T09:05:00Z')
    returning id::int`)
  openId = rows[0].id
  closedId = rows[1].id
})

const get = (query = '', headers = {}) => supertest(service.url).get(`/api/incidents${query}`).set(headers)
const acknowledge = (id: number | string, body?: unknown, authorization = `Bearer ${token}`) => {
  const request = supertest(service.url).post(`/api/incidents/${id}/acknowledge`).set('Authorization', authorization)
  return body === undefined ? request : request.set('Content-Type', 'application/json').send(JSON.stringify(body))
}
const idsOf = ({ body }: { body: { incidents: { id: number }[] } }) => body.incidents.map(({ id }) => id)

describe('GET /api/incidents', () => {
  it('tells what went wrong, and to the operator what the error said and who looks into it', async () => {
    await acknowledge(openId, { by: 'ann', note: 'on it' })
    const open = {
      ...{ id: openId, check: 'redis', scope: 'shared', machine: null, code: 'timeout', closedAt: null },
      ...{ openedAt: '2026-11-22T10:00:00.000Z', acknowledgedAt: expect.stringMatching(/^20.*Z$/) },
      evidence: { status: 'unhealthy' },
    }
    const { status, body } = await get()
    expect(status).toBe(200)
    expect(body.incidents).toEqual([
      open,
      {
        ...{ id: closedId, check: 'memory', scope: 'local', machine: 'one', code: 'memory_high', evidence: {} },
        ...{ openedAt: '2026-11-22T09:00:00.000Z', closedAt: '2026-11-22T09:05:00.000Z', acknowledgedAt: null },
      },
    ])
    const forOperator = await get('', { Authorization: `Bearer ${token}` })
    expect(forOperator.body.incidents[0]).toEqual({
      ...{ ...open, acknowledgedBy: 'ann', acknowledgedNote: 'on it' },
      evidence: { status: 'unhealthy', message: 'no answer from redis.internal' },
    })
  })

  it('finds the open and the closed ones, and those of a range', async () => {
    expect(idsOf(await get('?open=true'))).toEqual([openId])
    expect(idsOf(await get('?open=false'))).toEqual([closedId])
    expect(idsOf(await get('?from=2026-11-22T09:06:00Z'))).toEqual([openId])
    expect(idsOf(await get('?to=2026-11-22T10:00:00Z'))).toEqual([closedId])
  })

  it('answers 400 to what can not be read, and names it', async () => {
    const { status, body } = await get('?open=yes&from=x')
    expect([status, body.errors]).toEqual([
      400,
      [
        { field: 'from', detail: 'is not an ISO 8601 time with a zone, as 2026-11-22T10:00:00Z' },
        { field: 'open', detail: 'is not one of true, false' },
      ],
    ])
  })
})

describe('POST /api/incidents/:id/acknowledge', () => {
  it('acknowledges once, without a body too, and again for the same person alone', async () => {
    const first = await acknowledge(openId)
    expect([first.status, first.body]).toEqual([
      200,
      expect.objectContaining({ id: openId, acknowledgedBy: null, acknowledgedAt: expect.stringMatching(/Z$/) }),
    ])
    const again = await acknowledge(openId)
    expect([again.status, again.body]).toEqual([200, first.body])
    const other = await acknowledge(openId, { by: 'bob' })
    expect([other.status, other.body.detail]).toEqual([409, 'The incident was acknowledged by somebody already.'])
  })

  it('is told by whom: the same person may say so twice, another gets 409', async () => {
    expect((await acknowledge(openId, { by: 'ann', note: 'on it' })).body.acknowledgedNote).toBe('on it')
    expect((await acknowledge(openId, { by: 'ann' })).status).toBe(200)
    const other = await acknowledge(openId, { by: 'bob' })
    expect([other.status, other.body.detail]).toEqual([409, 'The incident was acknowledged by ann already.'])
  })

  it('answers 409 to an incident that is closed, and 404 to one that there is not', async () => {
    const closed = await acknowledge(closedId)
    expect([closed.status, closed.body.detail]).toEqual([
      409,
      'The incident is closed already; there is nothing to look into.',
    ])
    for (const id of [999_999, 'x', '1e3', '99999999999999999999']) expect((await acknowledge(id)).status).toBe(404)
  })

  it('is for the operator, and takes a small JSON object or nothing', async () => {
    expect((await acknowledge(openId, {}, '')).status).toBe(401)
    expect((await acknowledge(openId, {}, 'Bearer wrong-wrong-wrong-wrong')).status).toBe(401)
    const bad = await acknowledge(openId, { by: 7, note: 'x'.repeat(2_001) })
    expect([bad.status, bad.body.errors]).toEqual([
      400,
      [
        { field: 'by', detail: 'is not a text of 1 to 128 characters' },
        { field: 'note', detail: 'is not a text of 1 to 2000 characters' },
      ],
    ])
    expect((await acknowledge(openId, [])).status).toBe(400)
    expect((await acknowledge(openId, { note: 'x'.repeat(20_000) })).status).toBe(413)
    expect((await acknowledge(openId).send('by=ann')).status).toBe(415)
    expect((await supertest(service.url).get(`/api/incidents/${openId}/acknowledge`)).headers.allow).toBe('POST')
    expect((await observer.query('select acknowledged_at from incidents where id = $1', [openId])).rows).toEqual([
      { acknowledged_at: null },
    ])
  })
})
