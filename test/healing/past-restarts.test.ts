import { expect, it } from 'vitest'
import { readPastRestarts } from '../../src/healing/past-restarts.ts'
import type { PastRestart } from '../../src/history/machine-restarts.ts'

const minute = 60_000

function open(inDatabase: Promise<PastRestart[]>, inFile: () => Promise<PastRestart[]>) {
  let nowMs = 0
  const read = Promise.withResolvers<PastRestart | undefined>()
  const past = readPastRestarts({
    firstTotals: inDatabase.then((recentRestarts) => ({ recentRestarts })),
    ledger: { read: inFile, append: () => expect.unreachable('nothing is written here') },
    monotonicMs: () => nowMs,
    onRead: read.resolve,
  })
  return {
    past,
    read: read.promise,
    pass(ms: number) {
      nowMs += ms
    },
  }
}

const agesOf = (...minutes: number[]) => minutes.map((age) => ({ code: 'pool_stuck', ageMs: age * minute }))

it('the budget left is unknown until the database was read', async () => {
  const rows = Promise.withResolvers<PastRestart[]>()
  const { past, read } = open(rows.promise, async () => agesOf(1))
  expect(past.remaining()).toBeUndefined()
  rows.resolve([])
  await read
  expect(past.remaining()).toBe(2)
})

it('the budget left is that of the record which has more, and grows as they age', async () => {
  const { past, read, pass } = open(Promise.resolve(agesOf(5, 50)), async () => agesOf(10, 20, 58))
  expect(await read).toEqual({ code: 'pool_stuck', ageMs: 5 * minute })
  expect(past.remaining()).toBe(0)
  pass(3 * minute)
  expect(past.remaining()).toBe(1)
  pass(57 * minute)
  expect(past.remaining()).toBe(3)
})

it('the budget left is that of the database where there is no file to read', async () => {
  const { past, read } = open(Promise.resolve(agesOf(5)), () => Promise.reject(new Error('EIO')))
  await read
  expect(past.remaining()).toBe(2)
})
