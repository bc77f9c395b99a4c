import { AsyncLocalStorage } from 'node:async_hooks'
import type { Config } from '../../src/config.ts'
import { createDatabase, type PooledDatabase } from '../../src/db/database.ts'
import type { LongHold, SlowStatement } from '../../src/db/statement-observer.ts'

interface SeenStatement {
  readonly label: string
  readonly failed: boolean
  readonly runMs: number
  readonly acquireMs: number
}

export interface OpenTestDatabase {
  readonly database: PooledDatabase
  readonly context: AsyncLocalStorage<unknown>
  readonly statements: SeenStatement[]
  readonly slow: (SlowStatement & { readonly store: unknown })[]
  readonly failed: { readonly label: string; readonly sqlState: string | undefined; readonly store: unknown }[]
  readonly acquired: number[]
  readonly leaks: LongHold[]
  readonly poolErrors: Error[]
}

/** A database whose observer writes everything down. */
export function openTestDatabase(url: string, changes: Partial<Config['database']> = {}): OpenTestDatabase {
  const context = new AsyncLocalStorage<unknown>()
  const seen: Omit<OpenTestDatabase, 'database' | 'context'> = {
    statements: [],
    slow: [],
    failed: [],
    acquired: [],
    leaks: [],
    poolErrors: [],
  }
  const config: Config['database'] = {
    url,
    poolMax: 4,
    acquireTimeoutMs: 5_000,
    statementTimeoutMs: 5_000,
    lockTimeoutMs: 2_000,
    idleInTransactionTimeoutMs: 5_000,
    leakAfterMs: 5_000,
    slowQueryMs: 60_000,
    ...changes,
  }
  const database = createDatabase({
    url,
    config,
    applicationName: 'medio test',
    context,
    observer: {
      statement: (label, failed, runMs, acquireMs) => seen.statements.push({ label, failed, runMs, acquireMs }),
      slow: (statement) => seen.slow.push({ ...statement, store: context.getStore() }),
      failed: (label, sqlState) => seen.failed.push({ label, sqlState, store: context.getStore() }),
      acquired: (waitMs) => seen.acquired.push(waitMs),
      leak: (hold) => seen.leaks.push(hold),
      poolError: (error) => seen.poolErrors.push(error),
    },
  })
  return { database, context, ...seen }
}
