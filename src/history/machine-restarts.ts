/**
 * The restarts that machines were permitted to do by themselves. Their times are the server's, so that every machine
 * counts by one clock, and a clock of a machine that jumped gives nobody more of them.
 */
import { restartPermitLockKey } from '../db/advisory-locks.ts'
import type { Queryable } from '../db/queryable.ts'
import type { RestartCode } from '../telemetry/metric-definitions.ts'
import { type Machine, upsertMachine } from './machine-events.ts'

/** For so long a restart counts. */
export const restartWindowMs = 3_600_000

export interface PastRestart {
  readonly code: string
  readonly ageMs: number
}

export interface RestartCount {
  readonly code: RestartCode
  readonly count: number
}

/**
 * From here to the end of the transaction no other machine asks. What it did before is seen by the statements that
 * follow, which is not so at stricter levels of isolation, whose one snapshot is taken before the wait for the lock.
 */
export async function lockRestarts(tx: Queryable): Promise<void> {
  await tx.query({ name: 'machine_restarts.isolation', text: 'set transaction isolation level read committed' })
  await tx.query({
    name: 'machine_restarts.lock',
    text: 'select pg_advisory_xact_lock($1)',
    values: [restartPermitLockKey],
  })
}

/** Of the machine itself, youngest first. One that the server's clock has not reached yet, since it jumped, is new. */
export function selectRestarts(db: Queryable, machineId: string, windowMs: number): Promise<PastRestart[]> {
  return db.query<PastRestart>({
    name: 'machine_restarts.recent',
    text: `select code, greatest(extract(epoch from clock_timestamp() - at) * 1000, 0)::double precision as "ageMs"
           from machine_events
           where machine_id = $1 and kind = 'restart'
             and at between clock_timestamp() - $2 * interval '1 ms' and clock_timestamp() + $2 * interval '1 ms'
           order by at desc`,
    values: [machineId, windowMs],
  })
}

/** The youngest restart of another machine that has not become ready since; undefined when there is none. */
export async function selectRestartElsewhere(
  db: Queryable,
  machineId: string,
  windowMs: number,
): Promise<{ readonly ageMs: number } | undefined> {
  const [row] = await db.query<{ ageMs: number }>({
    name: 'machine_restarts.elsewhere',
    text: `select greatest(extract(epoch from clock_timestamp() - r.at) * 1000, 0)::double precision as "ageMs"
           from machine_events r
           where r.machine_id <> $1 and r.kind = 'restart'
             and r.at between clock_timestamp() - $2 * interval '1 ms' and clock_timestamp() + $2 * interval '1 ms'
             and not exists (select from machine_events e
                             where e.machine_id = r.machine_id and e.kind = 'ready' and e.at > r.at)
           order by r.at desc limit 1`,
    values: [machineId, windowMs],
  })
  return row
}

/** `at`: now, by the server's clock, when absent. The same one told twice is stored and counted once. */
export async function insertRestart(db: Queryable, machine: Machine, code: RestartCode, at?: Date): Promise<void> {
  await upsertMachine(db, machine)
  await db.query({
    name: 'machine_restarts.insert',
    text: `with event as (
             insert into machine_events (machine_id, at, kind, code)
             values ($1, coalesce($3, clock_timestamp()), 'restart', $2)
             on conflict (machine_id, at, kind) do nothing returning id)
           insert into machine_restarts (machine_id, code, total) select $1, $2, 1 from event
           on conflict (machine_id, code) do update set total = machine_restarts.total + 1`,
    values: [machine.id, code, at ?? null],
  })
}

export function selectRestartCounts(db: Queryable, machineId: string): Promise<RestartCount[]> {
  return db.query<RestartCount>({
    name: 'machine_restarts.counts',
    text: `select code, total::double precision as count from machine_restarts where machine_id = $1`,
    values: [machineId],
  })
}
