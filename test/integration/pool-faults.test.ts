import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HeldClient } from '../../src/db/queryable.ts'
import { createSideConnection, type SideConnection } from '../../src/db/side-connection.ts'
import type { Check } from '../../src/health/check.ts'
import { createDatabaseCheck } from '../../src/health/checks/database.ts'
import { createPoolCheck } from '../../src/health/checks/pool.ts'
import { type OpenTestDatabase, openTestDatabase } from '../db/open-test-database.ts'
import { type HealthServer, serveHealth } from '../support/health-server.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type HealthAnswer, slackMs } from '../support/service.ts'

const intervalMs = 150
const timeoutMs = 500
const poolMax = 2
const poolStuckMs = 800
const leakAfterMs = 300

let testDatabase: TestDatabase
let open: OpenTestDatabase
let sideConnection: SideConnection
let server: HealthServer
const held: HeldClient[] = []

beforeEach(async () => {
  testDatabase = await createTestDatabase()
  open = openTestDatabase(testDatabase.url, { poolMax, leakAfterMs, acquireTimeoutMs: 5_000 })
  const timeouts = { connectTimeoutMs: timeoutMs, statementTimeoutMs: timeoutMs }
  sideConnection = createSideConnection({ url: testDatabase.url, ...timeouts, applicationName: 'medio test health' })
  server = await serveHealth(checks())
})

afterEach(async () => {
  for (const client of held.splice(0)) client.release()
  await server[Symbol.asyncDispose]()
  await sideConnection.release()
  await open.database.end(1_000)
  await testDatabase.drop()
})

/** The two checks as the registry has them: shared and critical, local and not. */
function checks(): Check[] {
  const { poolStats, poolPressure } = open.database
  const writeThroughPool = () => expect.unreachable('no deep run here')
  const timing = { configured: true, intervalMs, timeoutMs } as const
  const database = createDatabaseCheck({ sideConnection, writeThroughPool, machineId: 'one' })
  const pool = createPoolCheck({ poolStats, poolPressure, poolStuckMs })
  return [
    { name: 'database', scope: 'shared', critical: true, remote: true, ...timing, ...database },
    { name: 'pool', scope: 'local', critical: false, remote: false, ...timing, ...pool },
  ]
}

async function takeEveryClient(): Promise<void> {
  for (let index = 0; index < poolMax; index++) held.push(await open.database.connect())
}

const poolCode = ({ body }: HealthAnswer) => body.reasons.find(({ check }) => check === 'pool')?.code
const one = { name: 'test.one', text: 'select 1 as one' }

describe('a pool whose clients are never given back', () => {
  it('is exhausted at first, stuck after a while, and the database stays healthy beside it', async () => {
    await takeEveryClient()
    expect((await server.health()).body.reasons).toEqual([])
    const waiting = open.database.query(one)
    const begunMs = performance.now()

    const exhausted = await server.until((answer) => poolCode(answer) === 'pool_exhausted')
    expect(exhausted.tookMs).toBeLessThan(intervalMs + slackMs)
    expect(exhausted.answer.statusCode).toBe(200)
    expect(exhausted.answer.body).toMatchObject({ status: 'degraded', services: { database: { status: 'healthy' } } })

    const { answer: stuck } = await server.until((answer) => poolCode(answer) === 'pool_stuck')
    const stuckAfterMs = performance.now() - begunMs
    expect(stuckAfterMs).toBeGreaterThanOrEqual(poolStuckMs)
    expect(stuckAfterMs).toBeLessThan(poolStuckMs + intervalMs + slackMs)
    expect(stuck.statusCode).toBe(200)
    expect(stuck.body).toMatchObject({
      status: 'degraded',
      services: { database: { status: 'healthy' } },
      reasons: [{ check: 'pool', code: 'pool_stuck' }],
    })

    held.pop()?.release()
    expect(await waiting).toEqual([{ one: 1 }])
    const { answer: recovered } = await server.until(({ body }) => body.status === 'healthy')
    expect(recovered.body.reasons).toEqual([])
  })

  it('names the place that holds each of them, once', async () => {
    await takeEveryClient()
    await expect.poll(() => open.leaks.length).toBe(poolMax)
    for (const { place, heldMs } of open.leaks) {
      expect(place).toMatch(/takeEveryClient .*pool-faults\.test\.ts:\d+:\d+/)
      expect(heldMs).toBeGreaterThanOrEqual(leakAfterMs)
    }
  })
})

describe('a pool that is full and works', () => {
  it('is exhausted while callers wait and never stuck, since clients come back', async () => {
    const codes = new Set<string | undefined>()
    const slow = { name: 'test.sleep', text: 'select pg_sleep(0.1)' }
    const callers = Array.from({ length: 30 }, () => open.database.query(slow))
    let working = true
    const work = Promise.all(callers).then(() => {
      working = false
    })
    while (working) {
      const answer = await server.health()
      expect(answer.statusCode).toBe(200)
      expect(answer.body.services.database.status).toBe('healthy')
      codes.add(poolCode(answer))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await work
    expect(codes).toContain('pool_exhausted')
    expect(codes).not.toContain('pool_stuck')
    const { answer } = await server.until(({ body }) => body.status === 'healthy')
    expect(answer.body.reasons).toEqual([])
  })
})
