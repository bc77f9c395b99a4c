import { AsyncLocalStorage } from 'node:async_hooks'
import pg from 'pg'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readEnv, toConfig } from '../../src/config.ts'
import { createDatabase } from '../../src/db/database.ts'
import { createDeepCheckWrite } from '../../src/db/deep-check-write.ts'
import { migrationStatus } from '../../src/db/migration-status.ts'
import { createSideConnection } from '../../src/db/side-connection.ts'
import { createDatabaseCheck } from '../../src/health/checks/database.ts'
import { classifyFailure } from '../../src/health/checks/failure-code.ts'
import { createMigrationsCheck } from '../../src/health/checks/migrations.ts'
import { createPoolCheck } from '../../src/health/checks/pool.ts'
import { createTestDatabase, startPostgresServer } from '../support/postgres.ts'

const { signal } = new AbortController()
const healthy = { observedValue: expect.any(Number), observedUnit: 'ms' }
const timeoutMs = 2_000
/** The other side's view of the check's own connection. */
const ownSessions = `from pg_stat_activity where application_name = 'test health'`
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function testDatabase(options: { migrated?: boolean } = {}): Promise<string> {
  const { url, drop } = await createTestDatabase(options)
  ends.push(drop)
  return url
}

function silentObserver() {
  const silent = () => undefined
  return { statement: silent, slow: silent, failed: silent, acquired: silent, leak: silent, poolError: silent }
}

function open(url: string, environment: Record<string, string> = {}) {
  const config = toConfig(readEnv({ DATABASE_URL: url, ...environment })).database
  const context = new AsyncLocalStorage<unknown>()
  const database = createDatabase({ url, config, applicationName: 'test', observer: silentObserver(), context })
  const sideConnection = createSideConnection({
    url,
    connectTimeoutMs: timeoutMs,
    statementTimeoutMs: timeoutMs,
    applicationName: 'test health',
  })
  ends.push(
    () => sideConnection.release(),
    () => database.end(1_000),
  )
  const writeThroughPool = createDeepCheckWrite(database, 2_000)
  return { database, sideConnection, check: createDatabaseCheck({ sideConnection, writeThroughPool, machineId: 'm1' }) }
}

async function ask<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

async function failureOf(work: unknown) {
  const error = await Promise.resolve(work).then(
    () => expect.unreachable('the check was to fail'),
    (reason: unknown) => reason,
  )
  return classifyFailure(error)
}

/** The reason of one run, undefined when it is healthy. */
async function codeOf(check: ReturnType<typeof open>['check']): Promise<string | undefined> {
  try {
    const { degraded } = await check.run(AbortSignal.timeout(timeoutMs))
    return degraded?.code
  } catch (error) {
    return classifyFailure(error).code
  }
}

describe('the database check against a real Postgres', () => {
  it('is healthy, and rolls its deep writes into one row of its machine', async () => {
    const url = await testDatabase()
    const { check } = open(url)
    expect(await check.run(signal)).toEqual(healthy)
    expect(await check.runDeep?.(signal)).toEqual(healthy)
    expect(await check.runDeep?.(signal)).toEqual(healthy)
    expect(await ask(url, 'select machine_id from deep_check_writes')).toEqual([{ machine_id: 'm1' }])
  })

  it('warns of a read-only server, and fails there in a deep run', async () => {
    const url = await testDatabase()
    await ask(url, `alter database ${new URL(url).pathname.slice(1)} set default_transaction_read_only = on`)
    const { check } = open(url)
    expect(await check.run(signal)).toMatchObject({ degraded: { code: 'read_only' } })
    expect(await failureOf(check.runDeep?.(signal))).toMatchObject({ code: 'read_only' })
  })

  it('reads a wrong password as failed authentication and does not tell it', async () => {
    const url = new URL(await testDatabase())
    url.password = 'wrong-password'
    const failure = await failureOf(open(url.href).check.run(signal))
    expect(failure.code).toBe('auth_failed')
    expect(failure.message).not.toContain('wrong-password')
  })

  it('reads a deep write without its table as a failed check', async () => {
    const { check } = open(await testDatabase({ migrated: false }))
    expect(await check.run(signal)).toEqual(healthy)
    expect(await failureOf(check.runDeep?.(signal))).toMatchObject({ code: 'check_failed' })
  })
})

describe('the database check against a server that breaks', () => {
  it('reads a server without a free connection as too many connections, and recovers', async () => {
    await using server = await startPostgresServer({ max_connections: '4', max_wal_senders: '0' })
    const holders = Array.from({ length: 4 }, () => new pg.Client({ connectionString: server.url }))
    await Promise.all(holders.map((client) => client.connect()))
    const { check } = open(server.url)
    expect(await failureOf(check.run(signal))).toMatchObject({ code: 'too_many_connections' })
    await Promise.all(holders.map((client) => client.end()))
    await vi.waitUntil(async () => (await codeOf(check)) === undefined, { timeout: 5_000 })
  })

  it('tells a server that dies during a run from one that is gone, and finds the next one by itself', async () => {
    await using server = await startPostgresServer()
    const { check } = open(server.url)
    expect(await check.run(signal)).toEqual(healthy)
    const [backend] = await ask<{ pid: number }>(server.url, `select pid ${ownSessions}`)
    if (backend === undefined) return expect.unreachable('the check keeps a connection')
    await server.pause()
    const during = failureOf(check.run(signal))
    process.kill(backend.pid, 'SIGKILL')
    expect(await during).toMatchObject({ code: 'connection_lost' })
    server.resume()
    server.kill()
    await vi.waitUntil(async () => (await codeOf(check)) === 'connection_refused', { timeout: 5_000 })
    await server.start()
    await vi.waitUntil(async () => (await codeOf(check)) === undefined, { timeout: 5_000 })
  })

  it('times out on a paused server, and leaves one connection and no statement there once it goes on', async () => {
    await using server = await startPostgresServer()
    const { check } = open(server.url)
    expect(await check.run(signal)).toEqual(healthy)
    await server.pause()
    for (let round = 0; round < 3; round += 1) {
      expect(await failureOf(check.run(AbortSignal.timeout(200)))).toMatchObject({ code: 'timeout' })
    }
    server.resume()
    await vi.waitUntil(async () => (await codeOf(check)) === undefined, { timeout: 5_000 })
    const sessions = () => ask<{ state: string }>(server.url, `select state ${ownSessions}`)
    await vi.waitUntil(async () => (await sessions()).length === 1, { timeout: 5_000 })
    expect(await sessions()).toEqual([{ state: 'idle' }])
  })
})

describe('the pool check over a real pool', () => {
  it('warns while callers wait, fails once nothing moved for the stuck time, and clears when it does', async () => {
    const { database } = open(await testDatabase(), { DATABASE_POOL_MAX: '1' })
    const check = createPoolCheck({ ...database, poolStuckMs: 200 })
    const client = await database.connect()
    expect(check.run(signal)).toEqual({ observedValue: 1, observedUnit: 'connections', threshold: 1 })
    const waiting = database.query({ name: 'wait', text: 'select 1' })
    expect(check.run(signal)).toMatchObject({ degraded: { code: 'pool_exhausted' } })
    await vi.waitUntil(() => database.poolPressure().stuckForMs >= 200)
    expect(() => check.run(signal)).toThrow(expect.objectContaining({ code: 'pool_stuck' }))
    client.release()
    await waiting
    expect(check.run(signal)).toEqual({ observedValue: 0, observedUnit: 'connections', threshold: 1 })
  })

  it('warns with the reason why the pool cannot connect', async () => {
    await using server = await startPostgresServer()
    const { database } = open(server.url)
    await server.stop()
    await expect(database.query({ name: 'nobody', text: 'select 1' })).rejects.toThrow('ECONNREFUSED')
    const check = createPoolCheck({ ...database, poolStuckMs: 10_000 })
    expect(check.run(signal)).toMatchObject({ degraded: { code: 'connection_refused' } })
  })
})

describe('the migrations check against a real schema', () => {
  it('is healthy when current or ahead, and warns of every migration that is missing', async () => {
    const migrated = open(await testDatabase()).sideConnection
    const [applied] = [
      await migrated.query<{ name: string }>('select name from schema_migrations order by name', signal),
    ]
    const names = applied.map(({ name }) => name)
    expect(names.length).toBeGreaterThan(1)
    const checkFor = (known: readonly string[], { query } = migrated) =>
      createMigrationsCheck({
        migrationStatus: (runSignal) => migrationStatus((text) => query(text, runSignal), known),
      })
    expect(await checkFor(names).run(signal)).toMatchObject({ observedValue: 0 })
    expect(await checkFor(names.slice(0, 1)).run(signal)).toMatchObject({ observedValue: 0 })
    expect((await checkFor([...names, '9999_later']).run(signal)).degraded?.code).toBe('schema_behind')
    const empty = open(await testDatabase({ migrated: false })).sideConnection
    expect(await checkFor(names, empty).run(signal)).toMatchObject({
      observedValue: names.length,
      degraded: { code: 'schema_behind' },
    })
  })
})
