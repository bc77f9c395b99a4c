import type { Database } from '../db/queryable.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { FaultWatch } from './local-fault.ts'

/** A loop that was blocked finds every client held for long, until it has read what came meanwhile. */
const looksBeforeMending = 2
const questionMs = 2_000

/**
 * The pool gives nothing back. Clients whose holders forgot them are destroyed first; that makes room at once, and
 * the watch begins anew. What is stuck for other reasons is this process' own only while Postgres works.
 */
export function createPoolWatch(options: {
  pool: Pick<Database, 'poolPressure' | 'leaked'>
  /** From here on the pool counts as stuck. */
  poolStuckMs: number
  /** How many looks in a row must find it so. */
  looks: number
  databaseIsHealthy: () => boolean
  /** Sessions of ours that wait for a lock, asked beside the pool. */
  lockWaits: (signal: AbortSignal) => Promise<number>
  logger: Pick<Logger, 'warn'>
}): FaultWatch {
  const { pool, poolStuckMs, looks, databaseIsHealthy, lockWaits, logger } = options
  let seen = 0

  const isStuck = () => pool.poolPressure().stuckForMs >= poolStuckMs

  function destroyLeaked(): void {
    for (const { heldMs, place, destroy } of pool.leaked()) {
      const fields = { event: 'leaked_client_destroyed', heldMs: Math.round(heldMs), place } as const
      logger.warn(fields, 'the pool is stuck, and this client was never given back')
      destroy()
    }
  }

  async function isLocal(): Promise<boolean> {
    if (!databaseIsHealthy()) return false
    try {
      return (await lockWaits(AbortSignal.timeout(questionMs))) === 0 && isStuck()
    } catch {
      // The side connection does not work either: the database check is about to tell why.
      return false
    }
  }

  return {
    look() {
      seen = isStuck() ? seen + 1 : 0
      if (seen >= looksBeforeMending) destroyLeaked()
      if (seen < looks) return undefined
      const stuckForS = Math.round(pool.poolPressure().stuckForMs / 1_000)
      const message = `no connection was given back for ${stuckForS} s, although Postgres works and no session waits for a lock`
      return { code: 'pool_stuck', message, isLocal }
    },
  }
}
