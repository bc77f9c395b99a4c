import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { deleteOld } from '../../src/history/retention.ts'
import { insertSloMinute, selectObjectiveTotals } from '../../src/history/slo-minutes.ts'
import { type OpenTestDatabase, openTestDatabase } from '../db/open-test-database.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let testDatabase: TestDatabase
let one: OpenTestDatabase['database']
let two: OpenTestDatabase['database']

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  one = openTestDatabase(testDatabase.url).database
  two = openTestDatabase(testDatabase.url).database
})
afterAll(async () => {
  await one.end(1_000)
  await two.end(1_000)
  await testDatabase.drop()
})

const run = <Row>(text: string) => one.query<Row>({ name: 'test.run', text })
const now = new Date('2026-11-22T10:00:00Z')
const options = { retentionDays: 90, now, signal: new AbortController().signal }

it('what is older than it is kept for goes, batch after batch, however many machines delete, and all else stays', async () => {
  await run(`
    insert into observations (id, at, target, source, duration_ms)
      select gen_random_uuid(), '2026-08-24T10:00:00Z'::timestamptz - n * interval '1 s' + interval '5 s', 'api', 'london', 1
      from generate_series(1, 12000) n`)
  await run(`
    insert into observation_rollups (resolution, at, target, source, region, count, ok, cold, histogram)
      select r, '2026-11-22T10:00:00Z'::timestamptz - d * interval '1 day', 'api', 'london', '', 1, 1, 0, ''
      from unnest(array[1, 5, 60, 1440]) r, unnest(array[89, 91, 399, 401]) d`)
  await run(`insert into machines (id, region) values ('one', 'iad')`)
  await run(`insert into machine_events (machine_id, at, kind)
    select 'one', '2026-11-22T10:00:00Z'::timestamptz - d * interval '1 day', 'stop' from unnest(array[91, 399, 401]) d`)
  await run(`insert into incidents (check_name, scope, code, opened_at, closed_at) values
    ('redis', 'shared', 'timeout', '2020-01-01', '2020-01-02'), ('redis', 'shared', 'timeout', '2020-01-01', null)`)
  const deleted = await Promise.all([deleteOld(one, options), deleteOld(two, options)])
  // A batch that finds the lock taken leaves its table to the other machine, so a last turn takes what is left.
  const rest = await deleteOld(one, options)
  expect(deleted.reduce((sum, count) => sum + count, rest)).toBe(11_995 + 2 * 3 + 2 + 1 + 1)
  expect(await run('select count(*)::int as count, min(at) as oldest from observations')).toEqual([
    { count: 5, oldest: new Date('2026-08-24T10:00:00Z') },
  ])
  const days = `(extract(epoch from '2026-11-22T10:00:00Z'::timestamptz - at) / 86400)::int as days`
  expect(await run(`select resolution, ${days} from observation_rollups order by resolution, days`)).toEqual([
    ...[1, 5].map((resolution) => ({ resolution, days: 89 })),
    ...[60, 1_440].flatMap((resolution) => [89, 91, 399].map((each) => ({ resolution, days: each }))),
  ])
  expect(await run(`select ${days} from machine_events order by days`)).toEqual([{ days: 91 }, { days: 399 }])
  expect(await run('select closed_at from incidents')).toEqual([{ closed_at: null }])
  expect(await deleteOld(two, options)).toBe(0)
})

it('good and total of objectives are summed over processes, and a minute told twice counts once', async () => {
  const minute = (at: string, processId: string, good: number, total: number) =>
    insertSloMinute(one, { at: new Date(at), processId, counts: [{ objective: 'latency', good, total }] })
  const [first, second] = [randomUUID(), randomUUID()]
  await minute('2026-11-22T10:00:00Z', first, 9, 10)
  await minute('2026-11-22T10:01:00Z', first, 20, 20)
  await minute('2026-11-22T10:01:00Z', first, 20, 20)
  await minute('2026-11-22T10:01:00Z', second, 0, 5)
  await insertSloMinute(one, {
    ...{ at: new Date('2026-11-22T10:01:30Z'), processId: second },
    counts: [
      { objective: 'latency', good: 1, total: 1 },
      { objective: 'health', good: 4, total: 4 },
    ],
  })
  const totals = (from: string, to: string) => selectObjectiveTotals(one, { from: new Date(from), to: new Date(to) })
  expect(await totals('2026-11-22T09:59:00Z', '2026-11-22T10:02:00Z')).toEqual([
    { objective: 'health', good: 4, total: 4 },
    { objective: 'latency', good: 30, total: 36 },
  ])
  expect(await totals('2026-11-22T10:00:00Z', '2026-11-22T10:01:00Z')).toEqual([
    { objective: 'latency', good: 20, total: 25 },
  ])
  expect(await totals('2026-11-22T11:00:00Z', '2026-11-22T12:00:00Z')).toEqual([])
})
