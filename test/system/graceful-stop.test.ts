import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { isOpen } from '../support/is-open.ts'
import { startMachine } from '../support/machine.ts'
import { latestSentMs, startOpenLoad, tally } from '../support/open-load.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { operatorToken, recordDeployment, userRequest } from '../support/user-traffic.ts'

const perSecond = 500
const drainDelayMs = 2_000
const slowVersions = ['slow-1', 'slow-2', 'slow-3']

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.drop())

/** Whoever records one of the slow versions waits for the end of this transaction, which `on conflict` has to know. */
async function holdSlowVersions() {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query('begin')
  const insert = `insert into deployments (version, at, source) select unnest($1::text[]), now(), 'pipeline'`
  await client.query(insert, [slowVersions])
  let ended: Promise<void> | undefined
  const release = () => {
    ended ??= client.end()
    return ended
  }
  return {
    async waiters(): Promise<number | undefined> {
      // Within a transaction the view would stay as it was when it was first looked at.
      await client.query('select pg_stat_clear_snapshot()')
      const { rows } = await client.query<{ waiters: number }>(
        `select count(*)::int as waiters from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and query like 'insert into deployments%'`,
      )
      return rows[0]?.waiters
    },
    release,
    [Symbol.asyncDispose]: release,
  }
}

it.for(['SIGINT', 'SIGTERM'] as const)(
  '%s under load fails no request that nginx had read whole',
  { timeout: 60_000 },
  async (signal, { annotate }) => {
    await using hold = await holdSlowVersions()
    await using machine = await startMachine({
      env: {
        DATABASE_URL: database.url,
        DATABASE_LOCK_TIMEOUT_MS: '20000',
        DATABASE_STATEMENT_TIMEOUT_MS: '20000',
        DRAIN_DELAY_MS: String(drainDelayMs),
        OPERATOR_TOKEN: operatorToken,
      },
    })
    await machine.opened()
    const slow = slowVersions.map((version) => {
      const { path, ...request } = recordDeployment(version)
      return fetch(`${machine.origin}${path}`, request)
    })
    await vi.waitUntil(async () => (await hold.waiters()) === slow.length, { timeout: 10_000 })

    const load = startOpenLoad({ origin: machine.origin, perSecond, requestOf: userRequest })
    await delay(1_000 + Math.random() * 1_000)
    const signalledMs = performance.now()
    machine.signal(signal)
    await vi.waitUntil(async () => !(await isOpen(machine.port)), { timeout: 20_000 })
    await hold.release()
    expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([201, 201, 201])
    expect(await machine.exitCode()).toBe(0)
    const outcomes = await load.stop()

    const logged = new Set(machine.accessLog().map(({ requestId }) => requestId))
    const each = outcomes.flatMap(({ request, attempts }) => attempts.map((attempt) => ({ request, attempt })))
    const answered = each.filter(({ attempt }) => attempt.outcome === 'answered')
    const unanswered = each.filter(({ attempt }) => attempt.outcome !== 'answered')
    const resets = unanswered.filter(({ attempt }) => attempt.outcome === 'reset')
    const figures = `${answered.length} requests answered, ${resets.length} reset`
    await annotate(`${figures}, sent at most ${latestSentMs(outcomes)} ms late`)
    // What nginx read it logged, but for health that was told with a 200; all of that was answered, and rightly.
    const unlogged = answered.filter(({ attempt }) => !logged.has(attempt.requestId))
    expect(tally(unlogged.filter(({ request }) => request.path !== '/api/health'))).toEqual({})
    expect(tally(unanswered.filter(({ attempt }) => logged.has(attempt.requestId)))).toEqual({})
    const wrong = answered.filter(({ request, attempt }) => !request.isRight(attempt.statusCode, attempt.body))
    expect(tally(wrong)).toEqual({})
    // What it did not read met a closed port, or a connection that was closed before its request was looked at.
    const cut = unanswered.filter(({ attempt }) => attempt.outcome !== 'refused' && attempt.outcome !== 'reset')
    expect(tally(cut)).toEqual({})
    // Until the pause for Fly's proxy was over, nobody met either.
    const firstUnanswered = Math.min(...unanswered.map(({ attempt }) => attempt.endedMs))
    expect(firstUnanswered - signalledMs).toBeGreaterThanOrEqual(drainDelayMs)
    expect([machine.stderr(), machine.strayLines]).toEqual(['', []])
    await machine.allEnded()
  },
)
