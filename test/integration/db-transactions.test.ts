import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Queryable } from '../../src/db/queryable.ts'
import { DatabaseError } from '../../src/errors.ts'
import { type OpenTestDatabase, openTestDatabase } from '../db/open-test-database.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let server: TestDatabase
let open: OpenTestDatabase

beforeAll(async () => {
  server = await createTestDatabase()
})
afterAll(() => server.drop())
beforeEach(async () => {
  open = openTestDatabase(server.url)
  await open.database.query({ name: 'test.create', text: 'drop table if exists t; create table t (n int unique)' })
})
afterEach(() => open.database.end(1_000))

const insert = (n: number) => ({ name: 'test.insert', text: 'insert into t values ($1)', values: [n] })
const sleeping = {
  name: 'test.sleeping',
  text: `select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`,
}
const stored = () => open.database.query({ name: 'test.stored', text: 'select n from t order by n' })

it('commits what was done, and gives back what the work returned', async () => {
  const result = await open.database.transaction(async (tx) => {
    await tx.query(insert(1))
    return tx.query({ name: 'test.read', text: 'select n from t' })
  })
  expect(result).toEqual([{ n: 1 }])
  expect(await stored()).toEqual([{ n: 1 }])
})

it('rolls everything back when the work throws, and keeps the connection', async () => {
  const failure = new Error('of the work')
  const work = open.database.transaction(async (tx) => {
    await tx.query(insert(1))
    throw failure
  })
  await expect(work).rejects.toBe(failure)
  expect(await stored()).toEqual([])
  expect(open.database.poolStats()).toMatchObject({ total: 1, active: 0 })
})

it('tells a failing statement by name, SQLSTATE and cause, with the place that sent it', async () => {
  async function sendTwice(tx: Queryable): Promise<void> {
    await tx.query(insert(1))
    await tx.query(insert(1))
  }
  const error = await open.database.transaction(sendTwice).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(DatabaseError)
  expect(error).toMatchObject({ statement: 'test.insert', sqlState: '23505', cause: { constraint: 't_n_key' } })
  expect((error as Error).stack).toContain('sendTwice')
  expect(await stored()).toEqual([])
})

it('says so when a swallowed error made the commit a rollback', async () => {
  const work = open.database.transaction(async (tx) => {
    await tx.query(insert(1))
    await tx.query(insert(1)).catch(() => undefined)
  })
  await expect(work).rejects.toThrow('its error was swallowed, so nothing was committed')
  expect(await stored()).toEqual([])
})

it('refuses a statement that comes after the end', async () => {
  let late: Queryable | undefined
  await open.database.transaction(async (tx) => {
    late = tx
  })
  await expect(late?.query(insert(1))).rejects.toThrow('test.insert: the client was given back already')
  expect(await stored()).toEqual([])
})

it('drops the connection when the rollback fails too', async () => {
  const [{ pid }] = (await open.database.query({ name: 'test.pid', text: 'select pg_backend_pid() as pid' })) as [
    { pid: number },
  ]
  const killer = openTestDatabase(server.url)
  const work = open.database.transaction(async (tx) => {
    await tx.query(insert(1))
    await killer.database.query({ name: 'test.kill', text: 'select pg_terminate_backend($1)', values: [pid] })
    await tx.query(insert(2))
  })
  await expect(work).rejects.toBeInstanceOf(DatabaseError)
  await killer.database.end(1_000)
  expect(open.database.poolStats()).toMatchObject({ total: 0, waiting: 0 })
  expect(await stored()).toEqual([])
})

it('ends at once when it is aborted, on the server too, and nothing was committed', async () => {
  const abort = new AbortController()
  const work = open.database.transaction(async (tx) => {
    await tx.query(insert(1))
    await tx.query({ name: 'test.sleep', text: 'select pg_sleep(4)' })
  }, abort.signal)
  const outcome = expect(work).rejects.toThrow('enough')
  await expect.poll(() => open.database.query(sleeping)).toHaveLength(1)
  abort.abort(new Error('enough'))
  await outcome
  // Needs the lock that the aborted transaction held; the sleep would outlast the lock time-out.
  await open.database.query({ name: 'test.lock', text: 'alter table t add m int' })
  expect(await stored()).toEqual([])
})

it('does not begin when it is aborted before, and the connection stays', async () => {
  const work = () => Promise.resolve('done')
  await expect(open.database.transaction(work, AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
  const abort = new AbortController()
  const late = open.database.transaction(work, abort.signal)
  abort.abort(new Error('while acquiring'))
  await expect(late).rejects.toThrow('while acquiring')
  expect(open.statements.map(({ label }) => label)).toEqual(['test.create'])
  expect(open.database.poolStats()).toMatchObject({ total: 1, active: 0 })
})
