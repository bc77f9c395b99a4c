import pg from 'pg'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InProcessService, startInProcess } from '../support/in-process-service.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type SentryReceiver, startSentryReceiver } from '../support/sentry-receiver.ts'

let database: TestDatabase
let receiver: SentryReceiver
let service: InProcessService
let observer: pg.Client

beforeAll(async () => {
  database = await createTestDatabase()
  receiver = await startSentryReceiver()
  service = await startInProcess({ DATABASE_URL: database.url, SENTRY_DSN: receiver.dsn, COMMIT: 'abc123' })
  observer = new pg.Client({ connectionString: database.url })
  await observer.connect()
})
afterAll(async () => {
  await observer.end()
  await service[Symbol.asyncDispose]()
  await receiver.close()
  await database.drop()
})

describe('a request that fails by a fault of ours', () => {
  it('gets 500 without a word of why; the log has one error with the stack, and Sentry one event', async () => {
    await observer.query('alter table deployments rename to mislaid')
    const answer = await supertest(service.url).get('/api/deployments?page=2').set('X-Request-Id', 'failed')
    await observer.query('alter table mislaid rename to deployments')

    expect([answer.status, answer.body]).toEqual([
      500,
      {
        type: 'about:blank',
        title: 'Internal Server Error',
        status: 500,
        detail: 'The request failed here; quote the request id when you report it.',
        requestId: 'failed',
      },
    ])
    const lines = await service.linesOf('failed')
    const completed = lines.filter((line) => line.event === 'request_completed')
    expect(completed).toMatchObject([
      {
        ...{ level: 'error', method: 'GET', route: '/api/deployments', path: '/api/deployments', statusCode: 500 },
        error: {
          type: 'DatabaseError',
          message: 'deployments.list: relation "deployments" does not exist (SQLSTATE 42P01)',
          stack: expect.stringContaining('src/http/deployments-router.ts'),
        },
      },
    ])
    expect(lines.filter((line) => line.level === 'error')).toHaveLength(1)

    await receiver.received(1)
    expect(receiver.events).toHaveLength(1)
    expect(receiver.events[0]?.event).toMatchObject({ environment: 'test', tags: { request_id: 'failed' } })
    const types = receiver.events[0]?.event.exception?.values?.map(({ type }) => type)
    expect(types).toContain('DatabaseError')
    expect((await supertest(service.url).get('/api/deployments')).status).toBe(200)
  })

  it('is told from a request at fault, which Sentry never hears of', async () => {
    const requests = receiver.requests()
    for (const path of ['/nothing', '/%zz', '/api/health/nothing', '/api/health?format=xml']) {
      expect((await supertest(service.url).get(path)).status).toBeLessThan(500)
    }
    await service.stop()
    expect(receiver.requests()).toBe(requests)
  })
})
