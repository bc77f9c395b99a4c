import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openHistorySpool } from '../../src/history/history-spool.ts'
import { createHistoryWriter } from '../../src/history/history-writer.ts'
import type { MachineEvent } from '../../src/history/machine-events.ts'
import { createMachineHistory, type MachineHistory } from '../../src/history/machine-history.ts'
import { type OpenTestDatabase, openTestDatabase } from '../db/open-test-database.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const startedAt = new Date('2026-11-22T10:00:00.000Z')
const retryMs = 50
const runningIntervalMs = 60

let testDatabase: TestDatabase
let proxy: TcpProxy
/** Ours, through the proxy; and the test's own view of the rows. */
let open: OpenTestDatabase
let view: OpenTestDatabase
let failures: unknown[]
let idle: boolean
let histories: MachineHistory[]
let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'medio-spool-'))
  testDatabase = await createTestDatabase()
  const url = new URL(testDatabase.url)
  proxy = await createTcpProxy({ port: Number(url.port) })
  url.port = String(proxy.port)
  open = openTestDatabase(url.href)
  view = openTestDatabase(testDatabase.url)
  failures = []
  histories = []
  idle = true
})
afterEach(async () => {
  await proxy.set('reset')
  for (const history of histories) await history.close()
  await open.database.end(0)
  await view.database.end(1_000)
  await proxy.close()
  await testDatabase.drop()
  await rm(directory, { recursive: true, force: true })
})

function begin(at = startedAt): MachineHistory {
  const writer = createHistoryWriter({
    database: open.database,
    openSpool: (onDropped) =>
      openHistorySpool({ directory, maxBytes: 100_000, onDropped, onBroken: (_, error) => failures.push(error) }),
    spoolExists: false,
    onStored: () => undefined,
    onFailed: (error) => failures.push(error),
    onCaughtUp: () => undefined,
    onRefused: (_, error) => failures.push(error),
    onSpoolFailed: (error) => failures.push(error),
    retryMs,
  })
  const history = createMachineHistory({
    ...{ database: open.database, writer },
    machine: { id: 'one', region: 'iad' },
    running: { version: '1.0.0', commit: 'aaa', imageRef: null },
    startedAt: at,
    uptimeMs: () => performance.now(),
    isIdle: () => idle,
    onFailed: (error) => failures.push(error),
    retryMs,
    runningIntervalMs,
  })
  const whole = {
    ...history,
    async close() {
      await history.close()
      await writer.close()
    },
  }
  histories.push(whole)
  return whole
}

const later = (ms: number) => new Date(startedAt.getTime() + ms)
const resumeLater = (ms: number): MachineEvent => ({ at: later(ms), kind: 'resume', reason: 'wake' })

async function rows<Row>(text: string): Promise<Row[]> {
  return await view.database.query<Row>({ name: 'test.view', text })
}
/** In the order in which they were written. */
const written = async () =>
  (await rows<{ kind: string }>('select kind from machine_events order by id')).map(({ kind }) => kind)
const runningSeconds = async () =>
  (await rows<{ seconds: number }>('select running_seconds as seconds from machines'))[0]?.seconds ?? 0

describe('the history of a machine', () => {
  it('is written in the order in which it was told', async () => {
    const history = begin()
    expect(history.totals()).toBeUndefined()
    for (const kind of ['ready', 'drain', 'stop'] as const) history.record({ at: later(100), kind })
    await expect.poll(written).toEqual(['start', 'ready', 'drain', 'stop'])
    expect(history.totals()?.starts).toEqual([{ kind: 'boot', reason: 'deploy', count: 1 }])
    expect(failures).toEqual([])
  })

  it('counts a resume at once, and an event that is told twice only once', async () => {
    const history = begin()
    history.record(resumeLater(100))
    history.record(resumeLater(100))
    history.record(resumeLater(200))
    await expect
      .poll(() => history.totals()?.starts.find(({ kind }) => kind === 'resume'))
      .toEqual({ kind: 'resume', reason: 'wake', count: 2 })
    expect(await written()).toEqual(['start', 'resume', 'resume'])
  })

  it('does not count a start twice whose first record was answered by nobody', async () => {
    begin()
    await expect.poll(written).toEqual(['start'])
    const again = begin()
    await expect.poll(() => again.totals()?.starts).toEqual([{ kind: 'boot', reason: 'deploy', count: 1 }])
    expect(await written()).toEqual(['start'])
  })

  it('takes a start whose forerunner told of no stop for a crash, and records its end where it was last seen', async () => {
    const first = begin()
    first.record({ at: later(1_000), kind: 'ready' })
    await expect.poll(written).toEqual(['start', 'ready'])
    await view.database.query({
      ...{ name: 'test.seen', text: `update machines set first_seen_at = $1, last_seen_at = $1` },
      values: [later(45_000)],
    })
    const next = begin(later(60_000))
    await expect.poll(() => next.totals()?.starts).toContainEqual({ kind: 'boot', reason: 'crash', count: 1 })
    begin(later(60_000))
    await expect.poll(written).toEqual(['start', 'ready', 'stop', 'start'])
    expect(await rows(`select at, reason from machine_events where kind = 'stop'`)).toEqual([
      { at: later(45_000), reason: 'crash' },
    ])
  })

  it('tells of a crash once: the start after the one that found it woke a machine that had ended well', async () => {
    begin()
    await expect.poll(written).toEqual(['start'])
    const second = begin(later(60_000))
    second.record({ at: later(61_000), kind: 'stop' })
    await expect.poll(written).toEqual(['start', 'stop', 'start', 'stop'])
    await view.database.query({
      ...{ name: 'test.seen', text: `update machines set first_seen_at = $1, last_seen_at = $1` },
      values: [later(62_000)],
    })
    const third = begin(later(120_000))
    await expect.poll(() => third.totals()?.starts).toContainEqual({ kind: 'boot', reason: 'wake', count: 1 })
    expect(await rows(`select reason from machine_events where kind = 'stop' order by at`)).toEqual([
      { reason: 'crash' },
      { reason: null },
    ])
  })
})

describe('the history of a machine whose database is away', () => {
  it('waits, tells of the outage once, and is written in order when it is over', async () => {
    await proxy.set('reset')
    const history = begin()
    history.record({ at: later(100), kind: 'ready' })
    await expect.poll(() => failures).toHaveLength(1)
    history.record(resumeLater(200))
    expect(history.totals()).toBeUndefined()
    await proxy.set('pass')
    await expect.poll(written).toEqual(['start', 'ready', 'resume'])
    expect(failures).toHaveLength(1)

    await proxy.set('reset')
    history.record({ at: later(300), kind: 'drain' })
    await expect.poll(() => failures).toHaveLength(2)
    await proxy.set('pass')
    await expect.poll(written).toEqual(['start', 'ready', 'resume', 'drain'])
  })

  it('forgets the oldest when the disk has no more room for them', async () => {
    await proxy.set('reset')
    const history = begin()
    await expect.poll(() => failures).toHaveLength(1)
    for (let index = 1; index <= 1_000; index++) history.record({ at: later(index), kind: 'ready' })
    await proxy.set('pass')
    await expect.poll(async () => (await written()).length, { timeout: 15_000 }).toBeGreaterThan(500)
    await history.close()
    const [row] = await rows<{ count: number; oldest: Date; newest: Date }>(
      'select count(*)::int as count, min(at) as oldest, max(at) as newest from machine_events',
    )
    expect(row?.count).toBeLessThan(900)
    expect(row).toEqual({ count: row?.count, oldest: later(1_001 - (row?.count ?? 0)), newest: later(1_000) })
  })

  it('tries once more at the end, and never again', async () => {
    const history = begin()
    await expect.poll(written).toEqual(['start'])
    await proxy.set('reset')
    history.record({ at: later(100), kind: 'stop' })
    await history.close()
    expect(failures).toHaveLength(1)
    await proxy.set('pass')
    await new Promise((resolve) => setTimeout(resolve, 5 * retryMs))
    expect(await written()).toEqual(['start'])
  })

  it('writes at the end what an outage kept it from, without the wait for the next try', async () => {
    await proxy.set('reset')
    const history = begin()
    history.record({ at: later(100), kind: 'stop' })
    await expect.poll(() => failures).toHaveLength(1)
    await proxy.set('pass')
    await history.close()
    expect(await written()).toEqual(['start', 'stop'])
  })
})

describe('the running time of a machine', () => {
  it('grows while it is in use, rests while it is idle, and is complete at the end', async () => {
    const history = begin()
    await expect.poll(() => history.totals()?.runningSeconds).toBeGreaterThan(0)
    const atFirst = await runningSeconds()
    const statements = open.statements.length
    await new Promise((resolve) => setTimeout(resolve, 3 * runningIntervalMs))
    expect(open.statements).toHaveLength(statements)
    expect(await runningSeconds()).toBe(atFirst)

    idle = false
    await expect.poll(runningSeconds).toBeGreaterThan(atFirst + 0.18)
    idle = true
    const begunMs = performance.now()
    const before = await runningSeconds()
    await expect.poll(() => performance.now() - begunMs).toBeGreaterThan(200)
    await history.close()
    expect(await runningSeconds()).toBeGreaterThanOrEqual(before + 0.2 - runningIntervalMs / 1_000)
    expect(history.totals()?.runningSeconds).toBe(await runningSeconds())
  })
})
