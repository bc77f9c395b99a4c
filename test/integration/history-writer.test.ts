import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { HistoryEntry } from '../../src/history/history-entry.ts'
import { openHistorySpool, spoolExists } from '../../src/history/history-spool.ts'
import { createHistoryWriter, type HistoryWriter } from '../../src/history/history-writer.ts'
import { type OpenTestDatabase, openTestDatabase } from '../db/open-test-database.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const beginMs = Date.UTC(2026, 10, 22, 10)

let testDatabase: TestDatabase
let proxy: TcpProxy
let proxied: string
let open: OpenTestDatabase
let view: OpenTestDatabase
let directory: string
let told: string[]
let writers: HistoryWriter[]
/** A disk that refuses. */
let diskIsFull: boolean

beforeEach(async () => {
  testDatabase = await createTestDatabase()
  directory = await mkdtemp(join(tmpdir(), 'medio-spool-'))
  const url = new URL(testDatabase.url)
  proxy = await createTcpProxy({ port: Number(url.port) })
  url.port = String(proxy.port)
  proxied = url.href
  open = openTestDatabase(proxied, { acquireTimeoutMs: 500, statementTimeoutMs: 500 })
  view = openTestDatabase(testDatabase.url)
  told = []
  writers = []
  diskIsFull = false
})
afterEach(async () => {
  await proxy.set('reset')
  for (const writer of writers) await writer.close()
  await open.database.end(0)
  await view.database.end(1_000)
  await proxy.close()
  await testDatabase.drop()
  await rm(directory, { recursive: true, force: true })
})

function begin(retryMs = 50): HistoryWriter {
  const writer = createHistoryWriter({
    ...{ database: open.database, retryMs, spoolExists: spoolExists(directory) },
    openSpool(onDropped) {
      if (diskIsFull) throw new Error('no space left on device')
      return openHistorySpool({ directory, maxBytes: 1_000_000, onDropped, onBroken: () => told.push('broken') })
    },
    onStored: () => undefined,
    onFailed: () => told.push('away'),
    onCaughtUp: (entries) => told.push(`caught up with ${entries}`),
    onRefused: (entry) => told.push(`refused ${entry.kind}`),
    onSpoolFailed: () => told.push('no disk'),
  })
  writers.push(writer)
  return writer
}

function observed(index: number): HistoryEntry {
  const at = new Date(beginMs + index).toISOString()
  const observation = { id: randomUUID(), at, target: 'api', source: 'london', durationMs: 1, statusCode: 200 }
  return { kind: 'observations', observations: [observation] }
}

/** Their numbers, in the order in which they were written. */
async function written(): Promise<number[]> {
  const rows = await view.database.query<{ index: number }>({
    name: 'test.written',
    text: `select (extract(epoch from at) * 1000 - $1)::float8 as index from observations order by xmin::text::bigint`,
    values: [beginMs],
  })
  return rows.map(({ index }) => index)
}

it('writes at once, and without a file, while the database is there', async () => {
  const writer = begin()
  for (let index = 0; index < 5; index++) writer.record(observed(index))
  await writer.written()
  expect(await written()).toEqual([0, 1, 2, 3, 4])
  expect(spoolExists(directory)).toBe(false)
  expect(writer.size()).toEqual({ entries: 0, bytes: 0, dropped: {} })
})

it.each(['reset', 'hold', 'drop'] as const)(
  'writes all in order after a database whose bytes meet a %s',
  async (mode) => {
    const writer = begin()
    writer.record(observed(0))
    await writer.written()
    await proxy.set(mode)
    writer.record(observed(1))
    await expect.poll(() => told, { timeout: 10_000 }).toEqual(['away'])
    for (let index = 2; index < 5; index++) writer.record(observed(index))
    writer.keep(observed(5))
    expect(writer.isAway()).toBe(true)
    expect(writer.size()).toMatchObject({ entries: 5, bytes: expect.any(Number) })
    await proxy.set('pass')
    await writer.written()
    expect(await written()).toEqual([0, 1, 2, 3, 4, 5])
    expect(told).toEqual(['away', 'caught up with 5'])
    expect(writer.isAway()).toBe(false)
    expect(writer.size()).toMatchObject({ entries: 0, bytes: 0 })
  },
)

it('leaves to the next process what this one could not write, though nobody closed anything', async () => {
  await proxy.set('reset')
  const killed = begin(1_000_000)
  for (let index = 0; index < 3; index++) killed.record(observed(index))
  await expect.poll(() => told).toEqual(['away'])
  killed.record(observed(3))
  await proxy.set('pass')
  const next = begin()
  next.record(observed(4))
  await next.written()
  expect(await written()).toEqual([0, 1, 2, 3, 4])
})

it('puts on disk what a database that hangs has not taken within a second', async () => {
  await open.database.end(0)
  open = openTestDatabase(proxied, { acquireTimeoutMs: 20_000 })
  await proxy.set('hold')
  const writer = begin()
  writer.record(observed(0))
  writer.record(observed(1))
  await expect.poll(() => writer.size().bytes, { timeout: 3_000 }).toBeGreaterThan(0)
  expect(writer.size().entries).toBe(2)
  expect(told).toEqual([])
  await proxy.set('pass')
  await writer.written()
  expect(await written()).toEqual([0, 1])
})

it('writes everything once with two processes at one spool', async () => {
  await proxy.set('reset')
  const one = begin()
  const two = begin()
  for (let index = 0; index < 50; index++) (index % 2 === 0 ? one : two).record(observed(index))
  await expect.poll(() => told).toEqual(['away', 'away'])
  await proxy.set('pass')
  await one.written()
  await two.written()
  expect((await written()).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index))
  expect(one.size()).toMatchObject({ entries: 0, dropped: {} })
})

it('gives up what the database will never take, and goes on with what comes behind', async () => {
  const writer = begin()
  const { observations } = observed(0) as Extract<HistoryEntry, { kind: 'observations' }>
  writer.record({ kind: 'observations', observations: observations.map((each) => ({ ...each, durationMs: -1 })) })
  writer.record({ kind: 'of tomorrow' } as never)
  writer.record(observed(1))
  await writer.written()
  expect(await written()).toEqual([1])
  expect(told).toEqual(['refused observations', 'refused of tomorrow'])
  expect(writer.size().dropped).toEqual({ observations: 1, 'of tomorrow': 1 })
})

it('waits in memory while the disk refuses too, and forgets the oldest beyond a thousand', async () => {
  diskIsFull = true
  await proxy.set('reset')
  const writer = begin()
  writer.record(observed(0))
  await expect.poll(() => told).toEqual(['away', 'no disk'])
  for (let index = 1; index < 1_010; index++) writer.record(observed(index))
  expect(writer.size()).toMatchObject({ entries: 1_000, bytes: 0, dropped: { observations: 10 } })
  expect(() => writer.keep(observed(2_000))).toThrow('no space left on device')
  diskIsFull = false
  writer.keep(observed(1_010))
  expect(writer.size().bytes).toBeGreaterThan(0)
  await proxy.set('pass')
  await writer.written()
  expect(await written()).toEqual(Array.from({ length: 1_001 }, (_, index) => index + 10))
})
