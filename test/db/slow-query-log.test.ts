import { expect, it } from 'vitest'
import { createSlowQueryLog, type SlowQuery } from '../../src/db/slow-query-log.ts'

function setUp() {
  const entries: SlowQuery[] = []
  let nowMs = 1_000
  const log = createSlowQueryLog({ write: (entry) => entries.push(entry), now: () => nowMs })
  const tell = (text: string): void => log.tell({ label: 'users.find', text, runMs: 123.456, acquireMs: 7.89, rows: 3 })
  return { entries, tell, pass: (ms: number) => (nowMs += ms) }
}

it('writes the statement normalised, without its values, with its times apart', () => {
  const { entries, tell } = setUp()
  tell("select name from users where email = 'a@b.c'")
  expect(entries).toEqual([
    {
      query: 'users.find',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      sql: 'select name from users where email = ?',
      durationMs: 123.5,
      acquireMs: 7.9,
      rows: 3,
      suppressed: 0,
    },
  ])
})

it('writes one kind once in 10 s, and then says how many it kept back', () => {
  const { entries, tell, pass } = setUp()
  for (const id of [1, 2, 3]) tell(`select ${id}`)
  tell('select other')
  expect(entries.map(({ sql, suppressed }) => [sql, suppressed])).toEqual([
    ['select ?', 0],
    ['select other', 0],
  ])
  pass(9_999)
  tell('select 4')
  expect(entries).toHaveLength(2)
  pass(1)
  tell('select 5')
  expect(entries[2]).toMatchObject({ sql: 'select ?', suppressed: 3 })
})

it('remembers a bounded number of kinds, the latest ones', () => {
  const { entries, tell } = setUp()
  tell('select first')
  for (let kind = 0; kind < 1_000; kind++) tell(`select c${kind}`)
  tell('select c999')
  expect(entries).toHaveLength(1_001)
  tell('select first')
  expect(entries).toHaveLength(1_002)
})
