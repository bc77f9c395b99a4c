import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type Knock, knockUntilOpen } from '../support/knock.ts'
import { type Machine, type MachineOptions, startMachine } from '../support/machine.ts'
import { createTestDatabase, startPostgresServer, type TestDatabase, type TestServer } from '../support/postgres.ts'

/** As many as CI has time for; COLD_STARTS=200 is the proof. */
const coldStarts = Number(process.env.COLD_STARTS ?? 20)
const coldStartTimeoutMs = 20_000
const knockForMs = 250
const quickStop = { DRAIN_DELAY_MS: '0' }

vi.setConfig({ testTimeout: 60_000 })

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

interface Start extends AsyncDisposable {
  readonly machine: Machine
  /** How often nobody was there. */
  readonly refused: number
  /** What each attempt met from the first on that was let in. */
  readonly sinceOpen: readonly Knock[]
}

/** Starts a machine at whose door a client knocks from before its first process exists. */
async function startKnockedAt(options: MachineOptions): Promise<Start> {
  const port = await freePort()
  const knocking = knockUntilOpen(port, '/api/health', knockForMs)
  const machine = await startMachine({ ...options, port })
  const knocks = await knocking
  const refused = knocks.findIndex(({ connected }) => connected)
  return {
    machine,
    refused,
    sinceOpen: knocks.slice(refused),
    [Symbol.asyncDispose]: machine[Symbol.asyncDispose],
  }
}

const statusCodes = (knocks: readonly Knock[]) => [...new Set(knocks.map(({ statusCode }) => statusCode))]

it(
  'a machine that starts cold is closed until it can answer, and never answers 502 or 503',
  async ({ annotate }) => {
    let [refused, answered] = [0, 0]
    for (let count = 0; count < coldStarts; count += 1) {
      await using start = await startKnockedAt({ env: { ...quickStop, DATABASE_URL: database.url } })
      const { sinceOpen, machine } = start
      expect(start.refused).toBeGreaterThan(0)
      // Refused again, or cut off, would have no status code.
      expect(statusCodes(sinceOpen)).toEqual([200])
      expect(sinceOpen[0]?.text).toContain('"status":"healthy"')
      refused += start.refused
      answered += sinceOpen.length
      machine.signal('SIGINT')
      expect(await machine.exitCode()).toBe(0)
      expect(machine.stderr()).toBe('')
    }
    await annotate(`${coldStarts} cold starts: ${refused} attempts refused, then ${answered} answered with 200`)
  },
  coldStarts * coldStartTimeoutMs,
)

it.for([
  ['is down', 'connection_refused', (postgres: TestServer) => postgres.stop()],
  ['hangs', 'timeout', (postgres: TestServer) => postgres.pause()],
] as const)(
  'a machine that starts while Postgres %s opens all the same, and tells the reason',
  async ([, code, break_]) => {
    await using postgres = await startPostgresServer()
    await break_(postgres)
    await using start = await startKnockedAt({ env: { ...quickStop, DATABASE_URL: postgres.url } })
    const { sinceOpen, machine } = start
    expect(statusCodes(sinceOpen)).toEqual([503])
    // By Node itself: nginx knows neither.
    for (const { text } of sinceOpen) {
      expect(text).toContain('Medio-Machine: m1')
      expect(text).toContain(`"check":"database","status":"unhealthy","code":"${code}"`)
    }
    // A shared fault turns nobody away.
    expect((await fetch(`${machine.origin}/api/health/ready`)).status).toBe(200)
    machine.signal('SIGINT')
    expect(await machine.exitCode()).toBe(0)
  },
)

it('a machine that is resumed answers those who waited, and the next ones, although Postgres cut it off meanwhile', async () => {
  const env = { ...quickStop, DATABASE_URL: database.url, STATUS_PUBLIC: 'true' }
  await using machine = await startMachine({ env })
  await machine.opened()
  const ask = async (path: string) => (await fetch(`${machine.origin}${path}`)).status
  const paths = ['/', '/api/health', '/api/deployments']
  // Several at once, so that more than one connection of each kind is open when all are cut.
  await Promise.all(paths.map(ask))
  await machine.signalAll('SIGSTOP')
  const waiting = paths.map(ask)
  await cutConnections()
  await delay(3_000)
  await machine.signalAll('SIGCONT')
  expect(await Promise.all(waiting)).toEqual([200, 200, 200])
  expect(await Promise.all(paths.map(ask))).toEqual([200, 200, 200])
  await machine.logged('process_resumed')
  machine.signal('SIGINT')
  expect(await machine.exitCode()).toBe(0)
  expect(machine.stderr()).toBe('')
})

async function cutConnections(): Promise<void> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const others = 'datname = current_database() and pid <> pg_backend_pid()'
  const { rowCount } = await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${others}`)
  await client.end()
  expect(rowCount).toBeGreaterThanOrEqual(2)
}
