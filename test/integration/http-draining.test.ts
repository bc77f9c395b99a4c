import { once } from 'node:events'
import { connect } from 'node:net'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InProcessService, startInProcess } from '../support/in-process-service.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { exchangeRaw } from '../support/raw-http.ts'

let database: TestDatabase
let service: InProcessService
let stopped: Promise<void>

const get = (path: string) => supertest(service.url).get(path)

beforeAll(async () => {
  database = await createTestDatabase()
  service = await startInProcess({ DATABASE_URL: database.url, DRAIN_DELAY_MS: '3000' })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await database.drop()
})

describe('a service that drains', () => {
  it('turns new traffic away by `ready`, tells the truth in `health`, and still answers', async () => {
    stopped = service.stop()
    const [ready, health, text, live, startup, deep, index, missing] = [
      await get('/api/health/ready'),
      await get('/api/health'),
      await get('/api/health?format=text'),
      await get('/api/health/live'),
      await get('/api/health/startup'),
      await get('/api/health/checks/disk'),
      await get('/'),
      await get('/nothing'),
    ]
    expect([ready.status, ready.body.status, ready.headers['retry-after']]).toEqual([503, 'draining', '5'])
    expect([health.status, health.body.status, health.headers['retry-after']]).toEqual([503, 'draining', '5'])
    expect([text.status, text.text.split(' ')[0]?.split('\n')[0]]).toEqual([503, 'DRAINING'])
    expect([live.status, live.body.status]).toEqual([200, 'alive'])
    expect([startup.status, startup.body.status]).toEqual([200, 'ready'])
    expect([deep.status, deep.body.status, deep.body.checks.disk.status]).toEqual([503, 'draining', 'healthy'])
    expect([index.status, missing.status]).toEqual([200, 404])
  })

  it('asks callers to leave: every answer says that the connection ends, and it does', async () => {
    for (const path of ['/api/health', '/api/health/live', '/', '/nothing', '/%zz', '/api/health/nothing']) {
      const { answers, closed } = await exchangeRaw(service.port, [`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`])
      expect([path, answers[0]?.headers.connection, closed]).toEqual([path, 'close', true])
    }
  })

  it('closes idle connections, then listens no more', async () => {
    const idle = connect(service.port, '127.0.0.1')
    await once(idle, 'connect')
    const closed = once(idle, 'close')
    idle.resume()
    await stopped
    await closed
    await expect(get('/api/health/live')).rejects.toThrow('ECONNREFUSED')
  })
})
