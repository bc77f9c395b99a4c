import { once } from 'node:events'
import pg from 'pg'
import Cursor from 'pg-cursor'
import QueryStream from 'pg-query-stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type OpenTestDatabase, openTestDatabase } from '../db/open-test-database.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let server: TestDatabase
let open: OpenTestDatabase

beforeAll(async () => {
  server = await createTestDatabase()
})
afterAll(() => server.drop())
beforeEach(() => {
  open = openTestDatabase(server.url, { slowQueryMs: 50 })
})
afterEach(() => open.database.end(1_000))

async function reopen(changes: Parameters<typeof openTestDatabase>[1]): Promise<void> {
  await open.database.end(0)
  open = openTestDatabase(server.url, changes)
}

const labels = () => open.statements.map(({ label, failed }) => (failed ? `${label} failed` : label))

describe('every statement is timed', () => {
  it('of ours, under its static name, prepared nowhere', async () => {
    const statement = { name: 'test.add', text: 'select $1::int + 1 as sum', values: [41] }
    expect(await open.database.query<{ sum: number }>(statement)).toEqual([{ sum: 42 }])
    expect(labels()).toEqual(['test.add'])
    expect(await open.database.query({ name: 'test.prepared', text: 'select * from pg_prepared_statements' })).toEqual(
      [],
    )
  })

  it('by promise, with text, values or a config object that can be used again', async () => {
    const config = { text: 'select 1 as one' }
    const { pool } = open.database
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    expect((await pool.query('select $1::int as one', [1])).rows).toEqual([{ one: 1 }])
    const client = await pool.connect()
    expect((await client.query(config)).rows).toEqual([{ one: 1 }])
    expect((await client.query(config)).rows).toEqual([{ one: 1 }])
    client.release()
    expect(labels()).toEqual(['unnamed', 'unnamed', 'unnamed', 'unnamed'])
  })

  it('by callback, of the pool and of a client', async () => {
    const { pool } = open.database
    const rows = await new Promise((resolve, reject) => {
      void pool.query('select 1 as one', (error, result) => (error ? reject(error) : resolve(result.rows)))
    })
    const client = await pool.connect()
    const others = await new Promise((resolve, reject) => {
      void client.query('select $1::int as two', [2], (error, result) => (error ? reject(error) : resolve(result.rows)))
    })
    client.release()
    expect([rows, others]).toEqual([[{ one: 1 }], [{ two: 2 }]])
    expect(labels()).toEqual(['unnamed', 'unnamed'])
  })

  it('prepared on the server by a library, without its name as a label', async () => {
    const prepared = { name: 'of-a-library', text: 'select $1::int as one', values: [1] }
    expect((await open.database.pool.query(prepared)).rows).toEqual([{ one: 1 }])
    expect(labels()).toEqual(['unnamed'])
  })

  it('of several in one text, with all of their rows', async () => {
    await open.database.pool.query('select pg_sleep(0.06); select generate_series(1, 3)')
    expect(labels()).toEqual(['unnamed'])
    expect(open.slow[0]?.rows).toBe(4)
  })

  it('inside transactions, with their begin and commit', async () => {
    await open.database.transaction(async (tx) => {
      await tx.query({ name: 'test.one', text: 'select 1' })
    })
    expect(labels()).toEqual(['begin', 'test.one', 'commit'])
  })

  it('as a pg.Query with events', async () => {
    const client = await open.database.pool.connect()
    const query = client.query(new pg.Query('select generate_series(1, 3) as n'))
    const rows: unknown[] = []
    query.on('row', (row) => rows.push(row))
    await once(query, 'end')
    client.release()
    expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect(labels()).toEqual(['submittable'])
  })

  it('as a cursor, from its start to its close, the pauses of its reader included', async () => {
    const client = await open.database.pool.connect()
    const cursor = client.query(new Cursor('select generate_series(1, 5) as n'))
    expect(await cursor.read(2)).toEqual([{ n: 1 }, { n: 2 }])
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(labels()).toEqual([])
    await cursor.close()
    client.release()
    expect(labels()).toEqual(['submittable'])
    expect(open.statements[0]?.runMs).toBeGreaterThanOrEqual(55)
    expect(open.slow[0]).toMatchObject({ label: 'submittable', text: 'select generate_series(1, 5) as n' })
  })

  it('as a stream', async () => {
    const client = await open.database.pool.connect()
    const rows = await client.query(new QueryStream('select generate_series(1, 300) as n')).toArray()
    client.release()
    expect(rows).toHaveLength(300)
    expect(labels()).toEqual(['submittable'])
  })

  it('that fails, in each of these forms', async () => {
    const { pool } = open.database
    await expect(open.database.query({ name: 'test.bad', text: 'select bad' })).rejects.toThrow(
      'test.bad: column "bad"',
    )
    await expect(pool.query('select bad')).rejects.toThrow('column "bad"')
    const client = await pool.connect()
    await expect(client.query('select bad')).rejects.toThrow('column "bad"')
    await expect(client.query(new Cursor('select bad')).read(1)).rejects.toThrow('column "bad"')
    await expect(client.query(new QueryStream('select bad')).toArray()).rejects.toThrow('column "bad"')
    client.release()
    expect(labels()).toEqual([
      'test.bad failed',
      'unnamed failed',
      'unnamed failed',
      'submittable failed',
      'submittable failed',
    ])
    expect(open.failed.map(({ sqlState }) => sqlState)).toEqual(['42703', '42703', '42703', '42703', '42703'])
  })

  it("leaves pg's own errors for wrong arguments as they are", async () => {
    const client = await open.database.pool.connect()
    expect(() => client.query(null as never)).toThrow(TypeError)
    expect(() => client.query('select 1', [], 'no function' as never)).toThrow(TypeError)
    client.release()
  })

  it("keeps a statement's own time-out on the client", async () => {
    const client = await open.database.pool.connect()
    await expect(client.query({ text: 'select pg_sleep(3)', query_timeout: 50 } as never)).rejects.toThrow(
      'read timeout',
    )
    client.release(true)
  })
})

describe('times', () => {
  it('are told apart: the wait for a connection and the run', async () => {
    await reopen({ poolMax: 1, slowQueryMs: 290 })
    const sleep = { name: 'test.sleep', text: 'select pg_sleep(0.3)' }
    await open.database.query({ name: 'test.warm', text: 'select 1' })
    await Promise.all([open.database.query(sleep), open.database.query({ name: 'test.quick', text: 'select 1' })])
    const [, slept, quick] = open.statements
    expect(slept?.runMs).toBeGreaterThanOrEqual(290)
    expect(slept?.acquireMs).toBeLessThan(290)
    expect(quick?.acquireMs).toBeGreaterThanOrEqual(290)
    expect(quick?.runMs).toBeLessThan(290)
    expect(open.acquired).toHaveLength(3)
    expect(open.slow.map(({ label }) => label)).toEqual(['test.sleep', 'test.quick'])
  })

  it('count the wait once, with the first statement on the connection', async () => {
    await open.database.transaction(async (tx) => {
      await tx.query({ name: 'test.one', text: 'select 1' })
    })
    const [begin, ...others] = open.statements
    expect(begin?.acquireMs).toBeGreaterThan(0)
    expect(others.map(({ acquireMs }) => acquireMs)).toEqual([0, 0])
  })
})

describe('slow and failed statements', () => {
  it('are told in the context of the request that sent them', async () => {
    const { database, context } = open
    await Promise.all([
      context.run('first', () => database.query({ name: 'test.slow', text: 'select pg_sleep(0.06)' })),
      context.run('second', () => database.query({ name: 'test.bad', text: 'select bad' }).catch(() => undefined)),
      context.run('third', () => database.pool.query('select pg_sleep(0.06)')),
    ])
    const told = open.slow.map(({ label, store }) => [label, store])
    expect(told).toContainEqual(['test.slow', 'first'])
    expect(told).toContainEqual(['unnamed', 'third'])
    expect(open.failed).toEqual([{ label: 'test.bad', sqlState: '42703', store: 'second' }])
  })

  it('are told so also when another request gave the connection back that they waited for', async () => {
    await reopen({ poolMax: 1, slowQueryMs: 0 })
    const { database, context } = open
    await Promise.all([
      context.run('first', () => database.query({ name: 'test.first', text: 'select 1' })),
      context.run('second', () => database.query({ name: 'test.second', text: 'select 2' })),
      context.run('third', () => database.pool.query('select 3')),
      context.run('fourth', () => database.transaction((tx) => tx.query({ name: 'test.fourth', text: 'select 4' }))),
      database.query({ name: 'test.none', text: 'select 5' }),
    ])
    expect(open.slow.map(({ label, store }) => [label, store])).toEqual([
      ['test.first', 'first'],
      ['test.second', 'second'],
      ['unnamed', 'third'],
      ['begin', 'fourth'],
      ['test.fourth', 'fourth'],
      ['commit', 'fourth'],
      ['test.none', undefined],
    ])
  })

  it('bring what a log line needs', async () => {
    await open.database.query({ name: 'test.rows', text: 'select generate_series(1, 3), pg_sleep(0.02)' })
    expect(open.slow).toEqual([
      {
        label: 'test.rows',
        text: 'select generate_series(1, 3), pg_sleep(0.02)',
        runMs: open.statements[0]?.runMs,
        acquireMs: open.statements[0]?.acquireMs,
        rows: 3,
        store: undefined,
      },
    ])
  })
})
