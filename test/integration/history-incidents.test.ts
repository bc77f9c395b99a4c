import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  acknowledgeIncident,
  closeForgottenIncidents,
  type IncidentReport,
  selectIncidents,
  touchIncidents,
  writeIncident,
} from '../../src/history/incidents.ts'
import { type OpenTestDatabase, openTestDatabase } from '../db/open-test-database.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let testDatabase: TestDatabase
let database: OpenTestDatabase['database']

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openTestDatabase(testDatabase.url).database
})
afterAll(async () => {
  await database.end(1_000)
  await testDatabase.drop()
})
beforeEach(async () => {
  await run('truncate incidents')
  await run('truncate machines cascade')
})

const run = (text: string, ...values: unknown[]) => database.query({ name: 'test.run', text, values })
const beginMs = Date.now() - 3_600_000
const iso = (seconds: number) => new Date(beginMs + seconds * 1_000).toISOString()

type Identity = Pick<IncidentReport, 'check' | 'scope' | 'machineId'>
const sharedOn = (machineId: string): Identity => ({ check: 'database', scope: 'shared', machineId })
const localOn = (machineId: string): Identity => ({ check: 'memory', scope: 'local', machineId })

const opened = (identity: Identity, seconds: number) =>
  writeIncident(database, {
    change: 'opened',
    ...identity,
    openedAt: iso(seconds),
    code: 'timeout',
    evidence: { status: 'unhealthy' },
  })
const recovered = (identity: Identity, seconds: number) =>
  writeIncident(database, { change: 'recovered', ...identity, recoveredAt: iso(seconds) })
/** As if no machine had told for so long that it still fails. */
const quietFor = (seconds: number) => run(`update incidents set last_failed_at = now() - $1 * interval '1 s'`, seconds)

const told = async () =>
  (await selectIncidents(database, { limit: 10 })).map(({ check, machine, openedAt, closedAt }) => [
    check,
    machine,
    (openedAt.getTime() - beginMs) / 1_000,
    closedAt && (closedAt.getTime() - beginMs) / 1_000,
  ])

describe('a shared incident', () => {
  it('is one however many machines tell of it, at once, and begins with the first of them', async () => {
    await Promise.all(['one', 'two', 'three', 'four'].map((id, index) => opened(sharedOn(id), 10 - index)))
    expect(await told()).toEqual([['database', null, 7, null]])
  })

  it('stays open while a machine tells that it still fails', async () => {
    await opened(sharedOn('one'), 0)
    expect(await touchIncidents(database, 'two', ['database', 'redis'])).toEqual(['database'])
    await recovered(sharedOn('one'), 60)
    expect(await told()).toEqual([['database', null, 0, null]])
    await quietFor(80)
    await recovered(sharedOn('one'), 60)
    expect(await told()).toEqual([['database', null, 0, 60]])
  })

  it('told of late by a machine that could not write is part of the one that is closed', async () => {
    await opened(sharedOn('one'), 1)
    await quietFor(80)
    await recovered(sharedOn('one'), 100)
    await opened(sharedOn('two'), 0)
    await recovered(sharedOn('two'), 105)
    await opened(sharedOn('one'), 1)
    expect(await told()).toEqual([['database', null, 1, 100]])
    await opened(sharedOn('two'), 101)
    expect(await told()).toEqual([
      ['database', null, 101, null],
      ['database', null, 1, 100],
    ])
  })
})

describe('a local incident', () => {
  it('is one for each machine, and is closed by its own machine alone', async () => {
    await opened(localOn('one'), 0)
    await opened(localOn('one'), 5)
    await opened(localOn('two'), 1)
    await recovered(localOn('two'), 30)
    expect(await told()).toEqual([
      ['memory', 'two', 1, 30],
      ['memory', 'one', 0, null],
    ])
  })
})

describe('an incident that was left open', () => {
  const since = new Date(beginMs + 200_000)

  it('is closed by the next process of its machine that sees the check well', async () => {
    await run(`insert into machines (id, region) values ('one', 'iad')`)
    await opened(localOn('one'), 0)
    await quietFor(3_580)
    expect(await closeForgottenIncidents(database, 'two', [{ check: 'memory', since }])).toEqual([])
    expect(await closeForgottenIncidents(database, 'one', [])).toEqual([])
    expect(await closeForgottenIncidents(database, 'one', [{ check: 'memory', since }])).toEqual([
      { check: 'memory', machine: 'one' },
    ])
    expect(await told()).toEqual([['memory', 'one', 0, 200]])
  })

  it('and is shared is closed by any machine that sees it well, when nobody tells that it fails', async () => {
    await opened(sharedOn('one'), 0)
    expect(await closeForgottenIncidents(database, 'two', [{ check: 'database', since }])).toEqual([])
    await quietFor(80)
    expect(await closeForgottenIncidents(database, 'two', [{ check: 'database', since }])).toHaveLength(1)
    const [incident] = await selectIncidents(database, { limit: 1 })
    // Not before the last word of a machine that saw it fail.
    expect(Date.now() - (incident?.closedAt?.getTime() ?? 0)).toBeGreaterThan(79_000)
    expect(Date.now() - (incident?.closedAt?.getTime() ?? 0)).toBeLessThan(100_000)
  })

  it('by a machine that is gone is closed with its last word, and says so', async () => {
    await run(`insert into machines (id, region, first_seen_at, last_seen_at)
               values ('one', 'iad', now() - interval '1 h', now() - interval '100 s')`)
    await opened(localOn('one'), 0)
    await quietFor(1_000)
    expect(await closeForgottenIncidents(database, 'two', [])).toEqual([])
    await run(`update machines set last_seen_at = now() - interval '1000 s'`)
    expect(await closeForgottenIncidents(database, 'two', [])).toHaveLength(1)
    const [incident] = await selectIncidents(database, { limit: 1 })
    expect(incident?.evidence).toEqual({ status: 'unhealthy', closed: 'nobody tells of it any more' })
  })

  it('of a check that no machine has any more is closed in time', async () => {
    await opened(sharedOn('one'), 0)
    await quietFor(800)
    expect(await closeForgottenIncidents(database, 'two', [])).toEqual([])
    await quietFor(1_000)
    expect(await closeForgottenIncidents(database, 'two', [])).toHaveLength(1)
  })
})

it('incidents are found by the range into which they lasted, newest first, and by whether they are open', async () => {
  await opened(sharedOn('one'), 0)
  await quietFor(80)
  await recovered(sharedOn('one'), 100)
  await opened(localOn('one'), 50)
  const checks = async (query: Omit<Parameters<typeof selectIncidents>[1], 'limit'>) =>
    (await selectIncidents(database, { ...query, limit: 10 })).map(({ check }) => check)
  const at = (seconds: number) => new Date(beginMs + seconds * 1_000)
  expect(await checks({})).toEqual(['memory', 'database'])
  expect(await checks({ open: true })).toEqual(['memory'])
  expect(await checks({ open: false })).toEqual(['database'])
  expect(await checks({ from: at(101) })).toEqual(['memory'])
  expect(await checks({ to: at(50) })).toEqual(['database'])
  expect(await selectIncidents(database, { limit: 1 })).toHaveLength(1)
})

it('an incident is acknowledged once, by the first of two at once, and not after its end', async () => {
  await opened(localOn('one'), 0)
  const [incident] = await selectIncidents(database, { limit: 1 })
  const id = incident?.id ?? 0
  const results = await Promise.all(
    ['ann', 'bob'].map((by) => acknowledgeIncident(database, id, { by, note: 'on it' })),
  )
  expect(results.filter((result) => result?.changed)).toHaveLength(1)
  expect(results[0]?.incident.acknowledgedBy).toBe(results[1]?.incident.acknowledgedBy)
  await opened(localOn('two'), 0)
  await recovered(localOn('two'), 60)
  const closed = (await selectIncidents(database, { open: false, limit: 1 }))[0]?.id ?? 0
  expect(await acknowledgeIncident(database, closed, { by: 'ann', note: undefined })).toMatchObject({
    ...{ changed: false, incident: { acknowledgedAt: null } },
  })
  expect(await acknowledgeIncident(database, 999_999, { by: 'ann', note: undefined })).toBeUndefined()
})
