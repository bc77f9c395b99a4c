import { setTimeout as delay } from 'node:timers/promises'
import { retentionLockKey } from '../db/advisory-locks.ts'
import type { Database, Queryable, Statement } from '../db/queryable.ts'

/** For the 90 days of the status page, and a year's look back. */
const longDays = 400
const batchSize = 5_000
/** Leaves the server to others between two batches. */
const pauseMs = 100

/** By table, the rows that are too old; `$2` is the instant before which they are. */
const rules: readonly { readonly table: string; readonly where: string; readonly keeps: 'asked' | 'long' }[] = [
  { table: 'observations', where: 'at < $2', keeps: 'asked' },
  { table: 'observation_rollups', where: 'resolution in (1, 5) and at < $2', keeps: 'asked' },
  { table: 'slo_minutes', where: 'at < $2', keeps: 'asked' },
  { table: 'observation_rollups', where: 'resolution in (60, 1440) and at < $2', keeps: 'long' },
  { table: 'machine_events', where: 'at < $2', keeps: 'long' },
  { table: 'incidents', where: 'closed_at < $2', keeps: 'long' },
]

/**
 * Deletes what is too old, in batches that each are a short transaction; gives how many rows went. However many machines
 * run it, one deletes at a time, and one that is killed halfway leaves nothing half done.
 */
export async function deleteOld(
  db: Pick<Database, 'transaction'>,
  { retentionDays, now, signal }: { retentionDays: number; now: Date; signal: AbortSignal },
): Promise<number> {
  let deleted = 0
  for (const { table, where, keeps } of rules) {
    const days = keeps === 'asked' ? retentionDays : Math.max(retentionDays, longDays)
    const before = new Date(now.getTime() - days * 86_400_000)
    const statement: Statement = {
      name: `${table}.delete_old`,
      text: `with old as (select ctid from ${table} where ${where} limit $1),
               gone as (delete from ${table} using old where ${table}.ctid = old.ctid returning 1)
             select count(*)::int as count from gone`,
      values: [batchSize, before],
    }
    for (let count = batchSize; count === batchSize; ) {
      signal.throwIfAborted()
      count = await db.transaction((tx) => deleteBatch(tx, statement), signal)
      deleted += count
      if (count === batchSize) await delay(pauseMs, undefined, { signal })
    }
  }
  return deleted
}

async function deleteBatch(tx: Queryable, statement: Statement): Promise<number> {
  const [lock] = await tx.query<{ locked: boolean }>({
    name: 'retention.lock',
    text: 'select pg_try_advisory_xact_lock($1) as locked',
    values: [retentionLockKey],
  })
  if (!lock?.locked) return 0
  const [row] = await tx.query<{ count: number }>(statement)
  return row?.count ?? 0
}
