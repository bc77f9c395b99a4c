import type { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Config } from '../config.ts'
import { DatabaseError } from '../errors.ts'
import { cancelStatement } from './cancel-statement.ts'
import { createClientHolds } from './client-holds.ts'
import { destroyClient } from './destroy-client.ts'
import { holdClient, isRefusal, send, toDatabaseError } from './held-client.ts'
import type { Database, HeldClient, PoolStats, Queryable, Statement } from './queryable.ts'
import { createStatementDeadline } from './statement-deadline.ts'
import type { StatementObserver } from './statement-observer.ts'
import { type TimedClient, timedClientClass } from './timed-client.ts'
import { TimedPool } from './timed-pool.ts'

export interface DatabaseOptions {
  readonly url: string
  readonly config: Config['database']
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
  readonly observer: StatementObserver
  /** The request that a slow or failed statement is told with. */
  readonly context: AsyncLocalStorage<unknown>
  /** Called before a connection is taken from the pool: a resume noticed here has `dropIdle` called in time. */
  readonly lookForResume?: () => void
}

/** How much longer than the server's own statement time-out we wait for its word before we give the connection up. */
const deadlineMarginMs = 2_000
/** Below the few minutes after which routers and load balancers forget a silent connection. */
const keepAliveDelayMs = 10_000
const cancelTimeoutMs = 500

export interface PooledDatabase extends Database {
  /** For libraries that bring their own statements: those are timed too. */
  readonly pool: pg.Pool
}

/** The pool with everything that this service wants to know of it. Opens no connection until the first statement. */
export function createDatabase(options: DatabaseOptions): PooledDatabase {
  const { url, config, applicationName, observer, context, lookForResume } = options
  const clients = new Set<TimedClient>()
  const holds = createClientHolds({ leakAfterMs: config.leakAfterMs, tell: (hold) => observer.leak(hold) })
  const deadline = createStatementDeadline(clients, config.statementTimeoutMs + deadlineMarginMs)
  const { slowQueryMs } = config
  const pool = new TimedPool(
    {
      Client: timedClientClass({ observer, slowQueryMs, context, clients, started: deadline.started }),
      connectionString: url,
      application_name: applicationName,
      max: config.poolMax,
      connectionTimeoutMillis: config.acquireTimeoutMs,
      statement_timeout: config.statementTimeoutMs,
      lock_timeout: config.lockTimeoutMs,
      idle_in_transaction_session_timeout: config.idleInTransactionTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveDelayMs,
    },
    observer,
    holds,
    context,
    lookForResume,
  )

  async function query<Row>(statement: Statement): Promise<Row[]> {
    try {
      return await runOnce<Row>(pool, statement)
    } catch (error) {
      throw toDatabaseError(statement.name, error)
    }
  }

  function transaction<T>(work: (tx: Queryable) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const run = () => runTransaction(work, signal)
    return observer.inTransaction === undefined ? run() : observer.inTransaction(run)
  }

  async function runTransaction<T>(work: (tx: Queryable) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    const client = await acquire(pool)
    const held = holdClient(client)
    if (signal?.aborted) held.release()
    const abort = (): void => {
      held.destroy()
      // The server would notice a closed socket only after its statement, whose locks others wait for.
      void cancelStatement(client, AbortSignal.timeout(cancelTimeoutMs))
    }
    signal?.addEventListener('abort', abort)
    try {
      await held.query(begin)
      const result = await work({ query: held.query })
      const command = await send(client, commit, commandOf)
      if (command === 'ROLLBACK') throw new DatabaseError('commit', '25P02', new Error(swallowed))
      held.release()
      return result
    } catch (error) {
      // A connection that can't even roll back is of no use to anybody.
      await held.query(rollback).then(held.release, held.destroy)
      throw signal?.aborted ? signal.reason : error
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  async function connect(): Promise<HeldClient> {
    try {
      return holdClient(await pool.take(connect))
    } catch (error) {
      throw toDatabaseError('connect', error)
    }
  }

  function poolStats(): PoolStats {
    const { totalCount: total, idleCount: idle, waitingCount: waiting } = pool
    return { total, active: total - idle, idle, waiting, max: config.poolMax }
  }

  async function end(timeoutMs: number): Promise<void> {
    holds.stop()
    // Resolves when the pool has let go of its clients, with their sockets still open, and never if one is not released.
    if (!pool.ending) void pool.end()
    const closed = Promise.all([...clients].map((client) => new Promise((resolve) => client.once('end', resolve))))
    await Promise.race([closed, delay(timeoutMs, undefined, { ref: false })])
    for (const client of clients)
      destroyClient(client, new Error(`the pool ended, and the statement was not done within ${timeoutMs} ms`))
    await closed
    deadline.stop()
  }

  return Object.freeze({
    query,
    transaction,
    connect,
    pool,
    poolStats,
    poolPressure: () => pool.pressure(),
    leaked: () => holds.leaked(),
    dropIdle: () => pool.dropConnections(clients),
    end,
  })
}

/** Postgres answers the commit of a failed transaction with a rollback, and with no error. */
const swallowed = 'a statement of the transaction failed and its error was swallowed, so nothing was committed'

const commandOf = ({ command }: pg.QueryResult) => command

const begin: Statement = { name: 'begin', text: 'begin' }
const commit: Statement = { name: 'commit', text: 'commit' }
const rollback: Statement = { name: 'rollback', text: 'rollback' }

function acquire(pool: TimedPool): Promise<TimedClient> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client) =>
      client === undefined ? reject(toDatabaseError('acquire', error)) : resolve(client),
    )
  })
}

/** By callbacks: the hot path, where each promise less counts. */
function runOnce<Row>(pool: TimedPool, { name, text, values }: Statement): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    pool.connect((acquireError, client, release) => {
      if (client === undefined) return reject(acquireError)
      client.send(name, text, values, (error, result) => {
        if (error) {
          // pg-pool's own query() drops the connection after any error.
          release(!isRefusal(error))
          reject(error)
        } else {
          release()
          resolve(result.rows as Row[])
        }
      })
    })
  })
}
