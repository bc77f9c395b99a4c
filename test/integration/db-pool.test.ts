import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type OpenTestDatabase, openTestDatabase } from '../db/open-test-database.ts'
import { createTestDatabase, startPostgresServer, type TestDatabase } from '../support/postgres.ts'
import { createTcpProxy } from '../support/tcp-proxy.ts'

let server: TestDatabase
let open: OpenTestDatabase

beforeAll(async () => {
  server = await createTestDatabase()
})
afterAll(() => server.drop())
beforeEach(() => {
  open = openTestDatabase(server.url)
})
afterEach(() => open.database.end(1_000))

const one = { name: 'test.one', text: 'select 1 as one' }

/** Another of these tests' databases, closed with the test's own. */
async function reopen(changes: Parameters<typeof openTestDatabase>[1], url = server.url): Promise<void> {
  await open.database.end(0)
  open = openTestDatabase(url, changes)
}

describe('limits', () => {
  it('bound the wait for a client, and name it', async () => {
    await reopen({ poolMax: 1, acquireTimeoutMs: 100 })
    const held = await open.database.connect()
    await expect(open.database.query(one)).rejects.toMatchObject({
      name: 'DatabaseError',
      message: 'test.one: timeout exceeded when trying to connect',
    })
    await expect(open.database.transaction(() => Promise.resolve())).rejects.toThrow('acquire: timeout exceeded')
    await expect(open.database.connect()).rejects.toThrow('connect: timeout exceeded')
    held.release()
    expect(await open.database.query(one)).toEqual([{ one: 1 }])
  })

  it.each([
    ['a statement', { statementTimeoutMs: 60 }, 'select pg_sleep(5)', '57014'],
    ['a wait for a lock', { lockTimeoutMs: 60 }, 'lock table locked', '55P03'],
  ])('end %s on the server', async (_name, changes, text, sqlState) => {
    await reopen(changes)
    await open.database.query({ name: 'test.create', text: 'create table if not exists locked (n int)' })
    const holder = openTestDatabase(server.url)
    await holder.database.transaction(async (tx) => {
      await tx.query({ name: 'test.lock', text: 'lock table locked' })
      await expect(open.database.transaction((mine) => mine.query({ name: 'test.slow', text }))).rejects.toMatchObject({
        statement: 'test.slow',
        sqlState,
      })
    })
    await holder.database.end(1_000)
    expect(open.database.poolStats()).toMatchObject({ total: 1, active: 0 })
  })

  it('end a transaction that does nothing', async () => {
    await reopen({ idleInTransactionTimeoutMs: 60 })
    const work = open.database.transaction(async (tx) => {
      await tx.query(one)
      await expect.poll(async () => (await open.database.query(sessionsIdleInTransaction)).length).toBe(0)
      await tx.query(one)
    })
    await expect(work).rejects.toMatchObject({ name: 'DatabaseError', statement: 'test.one' })
    expect(open.database.poolStats()).toMatchObject({ active: 0, waiting: 0 })
  })

  it('give up on a server that does not answer at all', async () => {
    const target = new URL(server.url)
    const proxy = await createTcpProxy({ port: Number(target.port) })
    target.port = String(proxy.port)
    await reopen({ statementTimeoutMs: 10 }, target.href)
    await open.database.query(one)
    await proxy.set('drop')
    await expect(open.database.query(one)).rejects.toThrow('test.one: no answer within 2010 ms: statement timeout')
    await proxy.set('pass')
    expect(await open.database.query(one)).toEqual([{ one: 1 }])
    await open.database.end(100)
    await proxy.close()
  })
})

const sessionsIdleInTransaction = {
  name: 'test.idle',
  text: `select pid from pg_stat_activity
         where state = 'idle in transaction' and datname = current_database()`,
}

describe('statistics', () => {
  it('count what is out, what is idle and who waits', async () => {
    await reopen({ poolMax: 2 })
    expect(open.database.poolStats()).toEqual({ total: 0, active: 0, idle: 0, waiting: 0, max: 2 })
    const [first, second] = await Promise.all([open.database.connect(), open.database.connect()])
    const third = open.database.query(one)
    expect(open.database.poolStats()).toEqual({ total: 2, active: 2, idle: 0, waiting: 1, max: 2 })
    first.release()
    await third
    second.release()
    expect(open.database.poolStats()).toEqual({ total: 2, active: 0, idle: 2, waiting: 0, max: 2 })
  })

  it('tell for how long the pool is stuck: full, asked in vain, nothing given back', async () => {
    await reopen({ poolMax: 1, acquireTimeoutMs: 50 })
    const held = await open.database.connect()
    expect(open.database.poolPressure().stuckForMs).toBe(0)
    await expect(open.database.query(one)).rejects.toThrow('timeout exceeded')
    await expect(open.database.query(one)).rejects.toThrow('timeout exceeded')
    // Nobody waits any more, but two gave up since.
    // Longer than one of them waited; a timer of a busy loop may fire some milliseconds early.
    expect(open.database.poolPressure().stuckForMs).toBeGreaterThan(75)
    expect(open.database.poolPressure().lastConnectError).toBeUndefined()
    held.release()
    expect(open.database.poolPressure().stuckForMs).toBe(0)
  })

  it('keep the reason why no connection can be opened, until one can', async () => {
    await using broken = await startPostgresServer()
    await reopen({}, broken.url)
    await broken.stop()
    await expect(open.database.query(one)).rejects.toMatchObject({
      sqlState: undefined,
      cause: { code: 'ECONNREFUSED' },
    })
    expect(open.database.poolPressure()).toMatchObject({ stuckForMs: 0, lastConnectError: { code: 'ECONNREFUSED' } })
    await broken.start()
    await open.database.query(one)
    expect(open.database.poolPressure().lastConnectError).toBeUndefined()
    await open.database.end(1_000)
  })
})

describe('a client that is held for too long', () => {
  it('is told once, with the place that took it', async () => {
    await reopen({ leakAfterMs: 40 })
    const held = await open.database.connect()
    await expect.poll(() => open.leaks).toHaveLength(1)
    expect(open.leaks[0]?.place).toContain('db-pool.test.ts')
    expect(open.leaks[0]?.heldMs).toBeGreaterThanOrEqual(40)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(open.leaks).toHaveLength(1)
    expect(open.database.leaked()).toHaveLength(1)
    held.release()
    expect(open.database.leaked()).toEqual([])
  })

  it('is told too when a library took it from the pool', async () => {
    await reopen({ leakAfterMs: 40 })
    const client = await open.database.pool.connect()
    await expect.poll(() => open.leaks.map(({ place }) => place)).toEqual([expect.stringContaining('db-pool.test.ts')])
    client.release()
  })

  it('can be taken away, which makes room, and its release is no mistake then', async () => {
    await reopen({ poolMax: 1, leakAfterMs: 20 })
    const held = await open.database.connect()
    await expect.poll(() => open.database.leaked()).toHaveLength(1)
    const waiting = open.database.query(one)
    for (const leak of open.database.leaked()) leak.destroy()
    expect(await waiting).toEqual([{ one: 1 }])
    await expect(held.query(one)).rejects.toThrow('test.one: ')
    held.release()
    expect(open.database.poolStats()).toMatchObject({ total: 1, idle: 1 })
  })

  it('is not one that came back in time', async () => {
    await reopen({ leakAfterMs: 200 })
    const held = await open.database.connect()
    held.release()
    held.release()
    await expect(held.query(one)).rejects.toThrow('given back already')
    expect(open.database.leaked()).toEqual([])
  })
})

describe('connections', () => {
  const pids = async (): Promise<number[]> => {
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'medio test' and datname = current_database()`,
    )
    await client.end()
    return rows.map(({ pid }) => pid)
  }
  const pid = { name: 'test.pid', text: 'select pg_backend_pid() as pid' }

  it('outlive a refused statement', async () => {
    const [before] = await open.database.query(pid)
    await expect(open.database.query({ name: 'test.bad', text: 'select bad' })).rejects.toThrow('test.bad')
    expect(await open.database.query(pid)).toEqual([before])
  })

  it('are dropped after a resume: idle ones now, others when they come back', async () => {
    const held = await open.database.connect()
    const [heldPid] = await held.query<{ pid: number }>(pid)
    const [idlePid] = await open.database.query<{ pid: number }>(pid)
    open.database.dropIdle()
    const [freshPid] = await open.database.query<{ pid: number }>(pid)
    expect(freshPid).not.toEqual(idlePid)
    expect(await held.query(pid)).toEqual([heldPid])
    held.release()
    await expect.poll(pids).toEqual([freshPid?.pid])
    expect(open.database.poolStats()).toMatchObject({ total: 1, idle: 1 })
    expect(open.poolErrors).toEqual([])
  })

  it('that break while idle are reported, and replaced by the next statement', async () => {
    await open.database.query(one)
    for (const idle of await pids()) await terminate(idle)
    await expect.poll(() => open.poolErrors).toHaveLength(1)
    expect(open.poolErrors[0]).toMatchObject({ code: '57P01' })
    expect(await open.database.query(one)).toEqual([{ one: 1 }])
  })

  it('that break under a statement fail it with the reason, and no other', async () => {
    const running = open.database.query({ name: 'test.sleep', text: 'select pg_sleep(5)' })
    const outcome = expect(running).rejects.toMatchObject({ statement: 'test.sleep', sqlState: '57P01' })
    await expect.poll(pids).toHaveLength(1)
    for (const busy of await pids()) await terminate(busy)
    await outcome
    expect(await open.database.query(one)).toEqual([{ one: 1 }])
  })

  it('survive the death of the server as errors, and come back with it', async () => {
    await using mortal = await startPostgresServer()
    await reopen({}, mortal.url)
    const held = await open.database.connect()
    const running = open.database.query({ name: 'test.sleep', text: 'select pg_sleep(5)' })
    const outcome = expect(running).rejects.toMatchObject({ name: 'DatabaseError', statement: 'test.sleep' })
    await expect.poll(() => open.database.poolStats().active).toBe(2)
    mortal.kill()
    await outcome
    // An idle backend notices the death of its parent a moment later.
    const state = () =>
      held.query(one).then(
        () => 'answers',
        () => 'fails',
      )
    await expect.poll(state).toBe('fails')
    held.release()
    await mortal.start()
    expect(await open.database.query(one)).toEqual([{ one: 1 }])
    await open.database.end(1_000)
  })

  async function terminate(victim: number): Promise<void> {
    const killer = openTestDatabase(server.url)
    await killer.database.query({ name: 'test.kill', text: 'select pg_terminate_backend($1)', values: [victim] })
    await killer.database.end(1_000)
  }

  it('are all closed at the end, after their statements', async () => {
    const running = open.database.query({ name: 'test.sleep', text: `select pg_sleep(0.1), 'done' as state` })
    await expect.poll(() => open.database.poolStats().active).toBe(1)
    await open.database.end(2_000)
    expect(await running).toMatchObject([{ state: 'done' }])
    expect(await pids()).toEqual([])
    await expect(open.database.query(one)).rejects.toThrow('test.one: Cannot use a pool after calling end')
  })

  it('are destroyed at the deadline of the end, also when nobody gives them back', async () => {
    await open.database.connect()
    const running = open.database.query({ name: 'test.sleep', text: 'select pg_sleep(5)' })
    const outcome = expect(running).rejects.toThrow('the pool ended, and the statement was not done within 50 ms')
    await expect.poll(() => open.database.poolStats().active).toBe(2)
    await open.database.end(50)
    await outcome
  })
})
