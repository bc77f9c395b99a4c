import type { SideConnection } from './side-connection.ts'

/**
 * Sessions of our role in this database, those of every machine, since a proxy before the server may hide which are
 * whose. A lock that others wait for has its cause outside of this machine, whoever holds it.
 * https://www.postgresql.org/docs/18/monitoring-stats.html#WAIT-EVENT-TABLE
 */
const question = `select count(*)::int as waiting from pg_stat_activity
  where datname = current_database() and usename = current_user and wait_event_type = 'Lock'`

/** How many of our sessions wait for a lock now. Asked beside the pool, which may be full of them. */
export async function countLockWaits(sideConnection: SideConnection, signal: AbortSignal): Promise<number> {
  const [row] = await sideConnection.query<{ waiting: number }>(question, signal)
  if (row === undefined) throw new Error('lock waits: Postgres answered without a row')
  return row.waiting
}
