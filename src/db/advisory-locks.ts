/**
 * Every advisory lock that the service takes, in one place, since their keys share one number space per database:
 * any numbers that nothing else locks, all of one prefix so that they are found in `pg_locks` together.
 */

/** Held by the one migrator that works (src/db/migrate.ts). */
export const migrateLockKey = 5_000_9091
/** Held by the one machine that asks whether it may restart itself (src/healing/restart-decision.ts). */
export const restartPermitLockKey = 5_000_9092
/** Held by the one machine that merges deltas into rollups (src/history/rollups.ts). */
export const rollupLockKey = 5_000_9093
/** Held by the one machine that deletes what is too old (src/history/retention.ts). */
export const retentionLockKey = 5_000_9094
