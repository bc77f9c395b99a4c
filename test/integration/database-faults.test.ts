import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startPostgresServer, type TestServer } from '../support/postgres.ts'
import {
  type HealthAnswer,
  quickChecks,
  type RunningService,
  reasonWithinMs,
  slackMs,
  startService,
  unhealthyWithinMs,
} from '../support/service.ts'
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const reasonOf = (answer: HealthAnswer, check: string) => answer.body.reasons.find((reason) => reason.check === check)
const isHealthy = ({ body }: HealthAnswer) => body.status === 'healthy'
const isUnhealthy = ({ body }: HealthAnswer) => body.status === 'unhealthy'

/** What the issue and the contract ask of every fault of the database: told in time, with its code, and over again. */
async function expectTold(service: RunningService, codes: readonly string[]): Promise<void> {
  const first = await service.until((answer) => reasonOf(answer, 'database') !== undefined)
  expect(first.tookMs).toBeLessThan(reasonWithinMs + slackMs)
  const { answer, tookMs } = await service.until(isUnhealthy)
  expect(first.tookMs + tookMs).toBeLessThan(unhealthyWithinMs + slackMs)
  expect(answer.statusCode).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('5')
  expect(codes).toContain(reasonOf(answer, 'database')?.code)
  expect(reasonOf(answer, 'database')?.consecutiveFailures).toBeGreaterThanOrEqual(3)
  expect(answer.body.services.database.status).toBe('unhealthy')
  // The fault is shared: Fly's proxy must not take every machine away for it.
  expect((await service.health('/ready')).statusCode).toBe(200)
  expect((await service.health('/live')).statusCode).toBe(200)
}

async function expectRecovered(service: RunningService): Promise<void> {
  const { tookMs } = await service.until(isHealthy)
  expect(tookMs).toBeLessThan(2 * quickChecks.intervalMs + 2 * quickChecks.timeoutMs + slackMs)
}

describe('a database that fails under a running service', () => {
  let server: TestServer
  let proxy: TcpProxy
  let service: RunningService

  beforeEach(async () => {
    server = await startPostgresServer({ max_connections: '20' })
    const url = new URL(server.url)
    proxy = await createTcpProxy({ port: Number(url.port) })
    url.port = String(proxy.port)
    service = await startService({ ...quickChecks.env, DATABASE_URL: url.href, DATABASE_POOL_MAX: '4' })
    await service.logged('metrics_listening')
    await service.until(isHealthy)
  })

  afterEach(async () => {
    await service[Symbol.asyncDispose]()
    await proxy.close()
    await server[Symbol.asyncDispose]()
  })

  it('and is stopped is told as refused, then recovers by itself', async () => {
    await proxy.set('refuse')
    await server.stop()
    await expectTold(service, ['connection_refused', 'connection_lost'])
    await server.start()
    await proxy.set('pass')
    await expectRecovered(service)
  })

  it('and is killed without a word is told as lost', async () => {
    server.kill()
    await expectTold(service, ['connection_lost', 'connection_refused'])
  })

  it('and is paused is told as a time-out, then recovers on the same server', async () => {
    await server.pause()
    await expectTold(service, ['timeout'])
    server.resume()
    await expectRecovered(service)
  })

  it('and vanishes with every byte is told as a time-out, then recovers on a new connection', async () => {
    await proxy.set('drop')
    await expectTold(service, ['timeout'])
    await proxy.set('pass')
    await expectRecovered(service)
  })

  it('and resets every connection is told as lost', async () => {
    await proxy.set('reset')
    await expectTold(service, ['connection_lost'])
    await proxy.set('pass')
    await expectRecovered(service)
  })

  it('and turns read-only is told as degraded, which still answers 200', async () => {
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    await client.query('alter system set default_transaction_read_only = on')
    await client.query('select pg_reload_conf()')
    const { answer, tookMs } = await service.until((each) => reasonOf(each, 'database') !== undefined)
    expect(tookMs).toBeLessThan(reasonWithinMs + slackMs)
    expect(answer.statusCode).toBe(200)
    expect(answer.body.status).toBe('degraded')
    expect(reasonOf(answer, 'database')).toMatchObject({ status: 'degraded', code: 'read_only' })
    const deep = await service.health('/checks/database')
    expect(deep.statusCode).toBe(503)
    expect(deep.body.checks?.database).toMatchObject({ status: 'unhealthy', code: 'read_only' })
    await client.query('set transaction_read_only = off')
    await client.query('set default_transaction_read_only = off')
    await client.query('alter system reset default_transaction_read_only')
    await client.query('select pg_reload_conf()')
    await client.end()
    await service.until(isHealthy)
  })

  it('and runs out of connections is told by the pool, while the check of the database stays truthful', async () => {
    const hogs: pg.Client[] = []
    for (;;) {
      const hog = new pg.Client({ connectionString: server.url })
      hog.on('error', () => {
        // The server ends it when the test is over.
      })
      try {
        await hog.connect()
      } catch (error) {
        expect(error).toMatchObject({ code: '53300' })
        break
      }
      hogs.push(hog)
    }
    // The pool's one idle connection answers one; the others need connections that there are none of.
    await Promise.allSettled(
      Array.from({ length: 6 }, () => fetch(`${service.url}/api/deployments`, { signal: AbortSignal.timeout(8_000) })),
    )
    const { answer } = await service.until((each) => reasonOf(each, 'pool') !== undefined)
    expect(reasonOf(answer, 'pool')).toMatchObject({ status: 'degraded', code: 'too_many_connections' })
    expect(answer.statusCode).toBe(200)
    expect(reasonOf(answer, 'database')).toBeUndefined()
    await Promise.all(hogs.map((hog) => hog.end()))
  })

  it('costs one connection of the check however long it hangs, and every probe is answered meanwhile', async () => {
    await proxy.set('hold')
    await service.until(isUnhealthy)
    const before = proxy.connections()
    const answers = await Promise.all(Array.from({ length: 200 }, () => service.health()))
    expect(answers.map((answer) => answer.statusCode)).toEqual(Array.from({ length: 200 }, () => 503))
    expect(proxy.connections()).toBeLessThanOrEqual(before + 1)
    await proxy.set('pass')
    await expectRecovered(service)
  })
})

describe('a database that is away when the service starts', () => {
  it('keeps nobody from starting: unhealthy with the reason, ready for traffic, healthy when it comes', async () => {
    await using server = await startPostgresServer()
    await server.stop()
    await using service = await startService({ ...quickChecks.env, DATABASE_URL: server.url })
    await service.logged('service_ready')
    const answer = await service.health()
    expect(answer.statusCode).toBe(503)
    expect(answer.body.status).toBe('unhealthy')
    expect(reasonOf(answer, 'database')).toMatchObject({ code: 'connection_refused', status: 'unhealthy' })
    expect((await service.health('/ready')).statusCode).toBe(200)
    await server.start()
    const { answer: recovered } = await service.until(isHealthy, 20_000)
    expect(recovered.statusCode).toBe(200)
    await service.logged('migration_applied')
  })
})
