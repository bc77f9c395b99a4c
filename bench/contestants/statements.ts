/** `SELECT 1` against a real server: one after the other, ten at once, in transactions. raw|bounded|timed DATABASE_URL */
import pg from 'pg'
import { readEnv, toConfig } from '../../src/config.ts'
import { createDatabase } from '../../src/db/database.ts'
import { requestContext } from '../../src/telemetry/request-context.ts'
import { createServiceObserver } from './service-observer.ts'
import { serveSlices } from './slices.ts'

interface Contestant {
  select(): Promise<unknown>
  /** BEGIN, one SELECT, COMMIT. */
  transaction(): Promise<unknown>
}

const [variant, url = ''] = process.argv.slice(2)
const config = toConfig(readEnv({ DATABASE_URL: url })).database
const { select, transaction } = variant === 'timed' ? timedDatabase() : rawPool(variant === 'bounded')
serveSlices({ sequential: select, tenAtOnce: () => Promise.all(Array.from({ length: 10 }, select)), transaction })

/** `bounded`: with the time-outs that every statement of ours has, for which Postgres arms a timer each time. */
function rawPool(bounded: boolean): Contestant {
  const { statementTimeoutMs, lockTimeoutMs, idleInTransactionTimeoutMs } = config
  const timeouts = {
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
  }
  const pool = new pg.Pool({ connectionString: url, max: 10, ...(bounded && timeouts) })
  return {
    select: () => pool.query('SELECT 1'),
    async transaction() {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        await client.query('SELECT 1')
        await client.query('COMMIT')
      } finally {
        client.release()
      }
    },
  }
}

function timedDatabase(): Contestant {
  const database = createDatabase({
    url,
    config,
    applicationName: 'medio bench',
    observer: createServiceObserver(),
    context: requestContext,
  })
  const statement = { name: 'select_one', text: 'SELECT 1' }
  return {
    select: () => database.query(statement),
    transaction: () => database.transaction((tx) => tx.query(statement)),
  }
}
