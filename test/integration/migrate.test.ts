import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrate } from '../../src/db/migrate.ts'
import { readMigrations } from '../../src/db/migration-files.ts'
import { migrationStatus } from '../../src/db/migration-status.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const shipped = join(import.meta.dirname, '../../migrations')
let database: TestDatabase
let directory: string

beforeEach(async () => {
  database = await createTestDatabase({ migrated: false })
  directory = await mkdtemp(join(tmpdir(), 'medio-migrations-'))
})

afterEach(async () => {
  await database.drop()
  await rm(directory, { recursive: true })
})

async function query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

const run = (lockWaitMs?: number) =>
  migrate({
    databaseUrl: database.url,
    directory,
    log: () => undefined,
    ...(lockWaitMs === undefined ? {} : { lockWaitMs }),
  })
const write = (name: string, text: string) => writeFile(join(directory, name), text)
const status = async () =>
  migrationStatus(
    (text) => query<{ name: string }>(text),
    (await readMigrations(directory)).map(({ name }) => name),
  )

describe('migrate', () => {
  it('applies the shipped files in order, and the second time nothing', async () => {
    await cp(shipped, directory, { recursive: true })
    const names = (await readMigrations(shipped)).map(({ name }) => name)
    expect((await run()).applied).toEqual(names)
    expect((await run()).applied).toEqual([])
    expect(await query('select name from schema_migrations order by id')).toEqual(names.map((name) => ({ name })))
  })

  it('lets one of two that start at once do it, and the other find nothing to do', async () => {
    await write('0001_slow.sql', 'create table slow (id int); select pg_sleep(0.3)')
    const results = await Promise.all([run(), run()])
    expect(results.map(({ applied }) => applied.length).sort()).toEqual([0, 1])
  })

  it('gives up after a bounded wait for another migrator, and says how to find it', async () => {
    await write('0001_slow.sql', 'create table slow (id int); select pg_sleep(2)')
    await write('0002_next.sql', 'select 1')
    const first = run()
    await expect.poll(() => query(`select from pg_locks where locktype = 'advisory' and granted`)).toHaveLength(1)
    await expect(run(50)).rejects.toThrow(/another migrator has held the lock for 50 ms; find it with: select pid/)
    expect((await first).applied).toEqual(['0001_slow', '0002_next'])
  })

  it('rolls a failing file back whole, names it, keeps the cause and the files before it', async () => {
    await write('0001_good.sql', 'create table good (id int)')
    await write('0002_bad.sql', 'create table half (id int); select nonsense')
    const error = await run().catch((thrown: unknown) => thrown)
    expect((error as Error).message).toBe('migrations: 0002_bad.sql failed: column "nonsense" does not exist')
    expect((error as Error).cause).toMatchObject({ code: '42703' })
    expect(await query(`select to_regclass('good') is null as good, to_regclass('half') is null as half`)).toEqual([
      { good: false, half: true },
    ])
    await write('0002_bad.sql', 'create table half (id int)')
    expect((await run()).applied).toEqual(['0002_bad'])
  })

  it('refuses an edited file by name, and runs nothing', async () => {
    await write('0001_one.sql', 'create table one (id int)')
    await run()
    await write('0001_one.sql', 'create table one (id bigint)')
    await write('0002_two.sql', 'create table two (id int)')
    await expect(run()).rejects.toThrow('migrations: 0001_one.sql was edited after it was applied')
    expect(await query(`select to_regclass('two') as two`)).toEqual([{ two: null }])
  })

  it('refuses a new file that is numbered below an applied one', async () => {
    await write('0002_two.sql', 'create table two (id int)')
    await run()
    await write('0001_one.sql', 'create table one (id int)')
    await expect(run()).rejects.toThrow('migrations: 0001_one.sql is not applied, but the later 0002_two is')
  })

  it('builds an index concurrently where the file asks for no transaction', async () => {
    await write('0001_one.sql', 'create table one (id int)')
    await write('0002_index.sql', '-- no transaction\ncreate index concurrently one_id on one (id)')
    expect((await run()).applied).toEqual(['0001_one', '0002_index'])
    expect(await query(`select indexname from pg_indexes where tablename = 'one'`)).toEqual([{ indexname: 'one_id' }])
  })

  it.each([
    ['1_one.sql', 'migrations: 1_one.sql is not named NNNN_name.sql'],
    ['0001_other.sql', 'migrations: 0001_one.sql and 0001_other.sql have the same number'],
  ])('refuses the file name %s', async (name, message) => {
    await write('0001_one.sql', 'select 1')
    await write(name, 'select 1')
    await expect(run()).rejects.toThrow(message)
  })
})

describe('migrationStatus', () => {
  it('is behind in a database that was never migrated', async () => {
    await write('0001_one.sql', 'select 1')
    expect(await status()).toEqual({ state: 'behind', missing: ['0001_one'], unknown: [] })
  })

  it('is current, then behind with a new file, and ahead of code that lacks a file', async () => {
    await write('0001_one.sql', 'select 1')
    await run()
    expect(await status()).toEqual({ state: 'current', missing: [], unknown: [] })
    await write('0002_two.sql', 'select 1')
    expect(await status()).toEqual({ state: 'behind', missing: ['0002_two'], unknown: [] })
    await run()
    await rm(join(directory, '0002_two.sql'))
    expect(await status()).toEqual({ state: 'ahead', missing: [], unknown: ['0002_two'] })
    expect((await run()).applied).toEqual([])
  })
})
