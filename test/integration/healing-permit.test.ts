import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readEnv, toConfig } from '../../src/config.ts'
import { createLoneTransaction } from '../../src/db/lone-transaction.ts'
import { createRestartLedger } from '../../src/healing/restart-ledger.ts'
import { createRestartPermit, type Grant, type Refusal, type RestartPermit } from '../../src/healing/restart-permit.ts'
import { insertMachineEvent } from '../../src/history/machine-events.ts'
import { insertRestart } from '../../src/history/machine-restarts.ts'
import { type OpenTestDatabase, openTestDatabase } from '../db/open-test-database.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const minute = 60_000
const budgetSpent = { granted: false, cause: 'budget_spent' }
const otherMachine = { granted: false, cause: 'other_machine' }
const noRecord = { granted: false, cause: 'no_record' }

let testDatabase: TestDatabase
let proxy: TcpProxy
/** Through the proxy. */
let url: string
/** The test's own view of the rows. */
let view: OpenTestDatabase
let parent: string
let failed: string[]
let clockMs: number

beforeEach(async () => {
  testDatabase = await createTestDatabase()
  const address = new URL(testDatabase.url)
  proxy = await createTcpProxy({ port: Number(address.port) })
  address.port = String(proxy.port)
  url = address.href
  view = openTestDatabase(testDatabase.url)
  parent = await mkdtemp(join(tmpdir(), 'medio-permit-'))
  failed = []
  clockMs = 0
})
afterEach(async () => {
  await proxy.close()
  await view.database.end(1_000)
  await testDatabase.drop()
  await rm(parent, { recursive: true, force: true })
})

const directoryOf = (id: string) => join(parent, id)
const fileOf = (id: string) => join(directoryOf(id), 'self-restarts.json')

/** As a fresh process of this machine has it. Its wall clock is `clockMs` ahead. */
function permitOf(id: string): RestartPermit {
  return createRestartPermit({
    machine: { id, region: 'iad' },
    transaction: createLoneTransaction(url, toConfig(readEnv({})).database),
    ledger: createRestartLedger({
      directory: directoryOf(id),
      wallMs: () => Date.now() + clockMs,
      onBroken: () => failed.push('broken'),
    }),
    random: () => 0,
    onRecordFailed: (record) => failed.push(record),
  })
}

async function rows<Row>(text: string): Promise<Row[]> {
  return await view.database.query<Row>({ name: 'test.view', text })
}
const restarts = () =>
  rows<{ machine: string; code: string }>(
    `select machine_id as machine, code from machine_events where kind = 'restart' order by id`,
  )
/** As if all that was recorded so far had happened so much earlier. */
const age = (ms: number) =>
  rows(`update machine_events set at = at - ${ms} * interval '1 ms' where kind in ('restart', 'ready')`)
const becomeReady = (id: string) => insertMachineEvent(view.database, id, { at: new Date(), kind: 'ready' })

async function askTimes(id: string, count: number): Promise<(Grant | Refusal)[]> {
  const answers: (Grant | Refusal)[] = []
  for (let time = 0; time < count; time++) answers.push(await permitOf(id).ask('memory_high'))
  return answers
}

describe('the permission to restart', () => {
  it('is given three times an hour, recorded in the database and in the file, and counted for ever', async () => {
    const answers = await askTimes('one', 4)
    expect(answers.slice(0, 3)).toEqual([
      { granted: true, remaining: 2, recordedIn: 'database' },
      { granted: true, remaining: 1, recordedIn: 'database' },
      { granted: true, remaining: 0, recordedIn: 'database' },
    ])
    expect(answers[3]).toMatchObject(budgetSpent)
    const { againInMs } = answers[3] as Refusal
    expect(againInMs).toBeGreaterThan(58 * minute)
    expect(againInMs).toBeLessThanOrEqual(60 * minute)
    expect(await restarts()).toEqual(Array(3).fill({ machine: 'one', code: 'memory_high' }))
    expect(await rows('select machine_id, code, total::int from machine_restarts')).toEqual([
      { machine_id: 'one', code: 'memory_high', total: 3 },
    ])
    expect(JSON.parse(await readFile(fileOf('one'), 'utf8'))).toHaveLength(3)
    expect(failed).toEqual([])
  })

  it('is there again when the oldest of the three is an hour old', async () => {
    await askTimes('one', 1)
    await age(50 * minute)
    clockMs += 50 * minute
    await askTimes('one', 2)
    expect((await permitOf('one').ask('memory_high')).granted).toBe(false)
    await age(10 * minute)
    clockMs += 10 * minute
    expect(await permitOf('one').ask('memory_high')).toMatchObject({ granted: true, remaining: 0 })
  })

  it('is refused by the database to a machine that lost its file', async () => {
    await askTimes('one', 3)
    await rm(fileOf('one'))
    expect(await permitOf('one').ask('memory_high')).toMatchObject(budgetSpent)
  })

  it('is refused by the file to a machine that restarted while the database was away', async () => {
    await proxy.set('refuse')
    await askTimes('one', 3)
    await proxy.set('pass')
    expect(await permitOf('one').ask('memory_high')).toMatchObject(budgetSpent)
    expect(await restarts()).toEqual([])
  })

  it('is not had by turning the clock of the machine forward', async () => {
    await askTimes('one', 3)
    clockMs += 48 * 60 * minute
    expect(await permitOf('one').ask('memory_high')).toMatchObject(budgetSpent)
  })

  it('is not had by turning it back, and not lost by it for longer than an hour', async () => {
    clockMs += 48 * 60 * minute
    await askTimes('one', 3)
    clockMs = 0
    expect(await permitOf('one').ask('memory_high')).toMatchObject(budgetSpent)
    await age(60 * minute)
    clockMs += 60 * minute
    expect(await permitOf('one').ask('memory_high')).toMatchObject({ granted: true })
  })

  it("counts a restart that the database's clock has not reached yet, and not for longer than two hours", async () => {
    await askTimes('one', 3)
    await rm(fileOf('one'))
    await age(-50 * minute)
    expect(await permitOf('one').ask('memory_high')).toMatchObject(budgetSpent)
    await age(110 * minute)
    expect(await permitOf('one').ask('memory_high')).toMatchObject({ granted: true })
  })
})

describe('one machine at a time', () => {
  it('gets the permission when eight ask at once', async () => {
    const ids = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']
    const answers = await Promise.all(ids.map((id) => permitOf(id).ask('memory_high')))
    expect(answers.filter(({ granted }) => granted)).toHaveLength(1)
    for (const answer of answers) if (!answer.granted) expect(answer.cause).toBe('other_machine')
    expect(await restarts()).toHaveLength(1)
  })

  it('keeps its turn until it is ready again', async () => {
    await askTimes('one', 1)
    const refusal = (await permitOf('two').ask('memory_high')) as Refusal
    expect(refusal).toMatchObject(otherMachine)
    expect(refusal.againInMs).toBeLessThanOrEqual(15_000)
    await becomeReady('one')
    expect(await permitOf('two').ask('memory_high')).toMatchObject({ granted: true, remaining: 2 })
  })

  it('loses its turn after two minutes, as when it was killed between the permission and its end', async () => {
    await askTimes('one', 1)
    await age(1.9 * minute)
    expect(((await permitOf('two').ask('memory_high')) as Refusal).againInMs).toBeLessThanOrEqual(0.1 * minute)
    await age(0.1 * minute)
    expect(await permitOf('two').ask('memory_high')).toMatchObject({ granted: true })
  })

  it('may ask again itself in its turn, and uses its own budget', async () => {
    await askTimes('one', 1)
    expect(await permitOf('one').ask('pool_stuck')).toMatchObject({ granted: true, remaining: 1 })
  })

  it('is answered when another one holds the question open', async () => {
    const holder = await view.database.connect()
    await holder.query({ name: 'test.lock', text: 'select pg_advisory_lock(50009092)' })
    expect(await permitOf('two').ask('memory_high')).toMatchObject(otherMachine)
    holder.destroy()
    await expect.poll(async () => (await permitOf('two').ask('memory_high')).granted).toBe(true)
  })

  it('holds also where the isolation of transactions is stricter by default', async () => {
    const [name] = await rows<{ name: string }>('select current_database() as name')
    await rows(`alter database ${name?.name} set default_transaction_isolation to 'serializable'`)
    const answers = await Promise.all(['one', 'two', 'three'].map((id) => permitOf(id).ask('memory_high')))
    expect(answers.filter(({ granted }) => granted)).toHaveLength(1)
  })
})

describe('the permission while the database is away', () => {
  it.each(['refuse', 'reset', 'drop', 'hold'] as const)(
    'is a matter of the file alone, and answered in time, when bytes meet a %s',
    async (mode) => {
      await proxy.set(mode)
      const begunMs = performance.now()
      expect(await permitOf('one').ask('memory_high')).toEqual({ granted: true, remaining: 2, recordedIn: 'file' })
      // Three seconds by design; the time-outs of the pool would take twelve.
      expect(performance.now() - begunMs).toBeLessThan(9_000)
      expect(failed).toEqual(['database'])
    },
    15_000,
  )

  it('is used up by the file alone', async () => {
    await proxy.set('refuse')
    const answers = await askTimes('one', 4)
    expect(answers.map(({ granted }) => granted)).toEqual([true, true, true, false])
    expect(answers[3]).toMatchObject(budgetSpent)
  })

  it('is a matter of the file also when the connection breaks in the middle', async () => {
    await rows('alter table machine_events rename to machine_events_gone')
    expect(await permitOf('one').ask('memory_high')).toMatchObject({ granted: true, recordedIn: 'file' })
    expect(failed).toEqual(['database'])
  })

  it('is never given for a stuck pool', async () => {
    await proxy.set('refuse')
    expect(await permitOf('one').ask('pool_stuck')).toMatchObject(noRecord)
    await expect(readFile(fileOf('one'))).rejects.toThrow('ENOENT')
  })

  it('is refused where the file can not be read either', async () => {
    await proxy.set('refuse')
    await writeFile(directoryOf('one'), 'a file is in the way')
    expect(await permitOf('one').ask('memory_high')).toMatchObject(noRecord)
  })

  it('is refused where the file can be read and not be written', async () => {
    await proxy.set('refuse')
    // In the way of the draft.
    await mkdir(`${fileOf('one')}.${process.pid}/full`, { recursive: true })
    expect(await permitOf('one').ask('memory_high')).toMatchObject(noRecord)
    expect(failed).toEqual(['database', 'file'])
  })

  it('is refused for an hour when the file is broken', async () => {
    await proxy.set('refuse')
    await mkdir(directoryOf('one'))
    await writeFile(fileOf('one'), '[{"at":')
    expect(await permitOf('one').ask('memory_high')).toMatchObject(budgetSpent)
    clockMs += 61 * minute
    expect(await permitOf('one').ask('memory_high')).toMatchObject({ granted: true, remaining: 2 })
    expect(failed).toEqual(['broken', 'database', 'database'])
  })
})

describe('the permission where the disk can not be used', () => {
  it('is a matter of the database alone, and told', async () => {
    await writeFile(directoryOf('one'), 'a file is in the way')
    const answers = await askTimes('one', 4)
    expect(answers.map(({ granted }) => granted)).toEqual([true, true, true, false])
    expect(new Set(failed)).toEqual(new Set(['file']))
  })
})

describe('a restart that was permitted without the database', () => {
  it('is stored once when it is told twice', async () => {
    const at = new Date()
    for (let time = 0; time < 2; time++) {
      await insertRestart(view.database, { id: 'one', region: 'iad' }, 'memory_high', at)
    }
    expect(await restarts()).toEqual([{ machine: 'one', code: 'memory_high' }])
    expect(await rows('select total::int from machine_restarts')).toEqual([{ total: 1 }])
  })
})
