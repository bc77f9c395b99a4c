import { AsyncLocalStorage } from 'node:async_hooks'
import type { Config } from '../config.ts'
import { createDatabase } from './database.ts'
import type { Queryable } from './queryable.ts'
import type { StatementObserver } from './statement-observer.ts'

/** A transaction on a connection that is opened for it and closed behind it. */
export type LoneTransaction = <T>(work: (tx: Queryable) => Promise<T>) => Promise<T>

/** All of it but the farewell: opening the connection, the work, the commit. */
const timeoutMs = 3_000
const connectTimeoutMs = 2_000
/** Shorter, so that the answer is "somebody holds it" and not "nobody answered". */
const lockTimeoutMs = 1_500
const farewellMs = 100

/**
 * For what must not wait in the pool, since the pool may be what is broken. Bounded: a server that hangs costs little
 * more than one that refuses.
 */
export function createLoneTransaction(url: string, database: Config['database']): LoneTransaction {
  const config = {
    ...database,
    poolMax: 1,
    acquireTimeoutMs: connectTimeoutMs,
    statementTimeoutMs: timeoutMs,
    lockTimeoutMs,
    // A machine that vanishes in the middle must not keep the others from what it has locked.
    idleInTransactionTimeoutMs: timeoutMs,
  }
  const context = new AsyncLocalStorage()
  return async (work) => {
    const lone = createDatabase({ url, config, applicationName: 'medio permit', observer: silent, context })
    try {
      return await lone.transaction(work, AbortSignal.timeout(timeoutMs))
    } finally {
      await lone.end(farewellMs)
    }
  }
}

const ignore = () => undefined
/** Who asks hears of a failure by the rejection. */
const silent: StatementObserver = {
  ...{ statement: ignore, slow: ignore, failed: ignore },
  ...{ acquired: ignore, leak: ignore, poolError: ignore },
}
