import pg from 'pg'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type InProcessService, startInProcess } from '../support/in-process-service.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let service: InProcessService
let observer: pg.Client

beforeAll(async () => {
  database = await createTestDatabase()
  observer = new pg.Client({ connectionString: database.url })
  await observer.connect()
  service = await startInProcess({ DATABASE_URL: database.url, SELF_PROBE_INTERVAL_MS: '0' })
  await vi.waitFor(async () => {
    const { rowCount } = await observer.query(`select from machine_events where kind = 'ready'`)
    if (rowCount !== 1) throw new Error('the service has not recorded that it is ready')
  })
  await observer.query(`
    insert into machines (id, region, first_seen_at, last_seen_at, running_seconds)
      values ('28715d4c671438', 'ams', '2026-11-20T10:00:00Z', '2026-11-20T12:00:00Z', 7200);
    insert into machine_events (machine_id, at, kind, reason, version, commit, phases, code) values
      ('28715d4c671438', '2026-11-20T10:00:00Z', 'start', 'deploy', '1.0.0', 'aaa', null, null),
      ('28715d4c671438', '2026-11-20T10:00:01Z', 'ready', null, null, null, '{"boot":40}', null),
      ('28715d4c671438', '2026-11-20T11:00:00Z', 'restart', null, null, null, null, 'memory_high'),
      ('28715d4c671438', '2026-11-20T12:00:00Z', 'stop', 'crash', null, null, null, null)`)
})
afterAll(async () => {
  await observer.end()
  await service[Symbol.asyncDispose]()
  await database.drop()
})

const get = (path: string) => supertest(service.url).get(path)
const nothing = { reason: null, version: null, commit: null, phases: null, code: null }

describe('GET /api/machines', () => {
  it('lists every machine that ever ran, the one seen last first, with what became of it', async () => {
    const { status, body } = await get('/api/machines')
    expect([status, body.machines.map(({ id }: { id: string }) => id)]).toEqual([200, ['local', '28715d4c671438']])
    expect(body.machines[0]).toMatchObject({ region: 'local', version: '1.0.0', lastEvent: { kind: 'ready' } })
    expect(body.machines[1]).toEqual({
      ...{ id: '28715d4c671438', region: 'ams', runningSeconds: 7_200, version: '1.0.0' },
      ...{ firstSeenAt: '2026-11-20T10:00:00.000Z', lastSeenAt: '2026-11-20T12:00:00.000Z' },
      lastEvent: { kind: 'stop', at: '2026-11-20T12:00:00.000Z' },
    })
  })
})

describe('GET /api/machines/:id/events', () => {
  it('tells the timeline of a machine, newest first, with reasons, phases and codes', async () => {
    const { status, body } = await get('/api/machines/28715d4c671438/events')
    expect([status, body]).toEqual([
      200,
      {
        machine: '28715d4c671438',
        events: [
          { ...nothing, at: '2026-11-20T12:00:00.000Z', kind: 'stop', reason: 'crash' },
          { ...nothing, at: '2026-11-20T11:00:00.000Z', kind: 'restart', code: 'memory_high' },
          { ...nothing, at: '2026-11-20T10:00:01.000Z', kind: 'ready', phases: { boot: 40 } },
          {
            ...nothing,
            at: '2026-11-20T10:00:00.000Z',
            kind: 'start',
            reason: 'deploy',
            version: '1.0.0',
            commit: 'aaa',
          },
        ],
      },
    ])
  })

  it('tells of a range, its end not within, and of a machine without events in it', async () => {
    const kinds = async (query: string) =>
      (await get(`/api/machines/28715d4c671438/events?${query}`)).body.events.map(({ kind }: { kind: string }) => kind)
    expect(await kinds('from=2026-11-20T10:00:01Z&to=2026-11-20T12:00:00Z')).toEqual(['restart', 'ready'])
    expect(await kinds('from=2026-11-21T00:00:00Z')).toEqual([])
  })

  it('answers 404 to a machine that there is not, and 400 to a time that is none', async () => {
    for (const id of ['unknown', 'a%00b', '%F0%9F%9A%80']) {
      const { status, body } = await get(`/api/machines/${id}/events`)
      expect([status, body.detail]).toEqual([404, 'There is no such machine; GET /api/machines lists those known.'])
    }
    const bad = await get('/api/machines/local/events?from=now&to=2026-11-20')
    expect([bad.status, bad.body.errors.map(({ field }: { field: string }) => field)]).toEqual([400, ['from', 'to']])
    expect((await supertest(service.url).put('/api/machines')).headers.allow).toBe('GET, HEAD')
    expect((await supertest(service.url).post('/api/machines/local/events')).headers.allow).toBe('GET, HEAD')
  })
})
