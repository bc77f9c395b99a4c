import type { Queryable } from '../db/queryable.ts'
import type { RecordedRun, StartReason } from './start-reason.ts'

export interface Machine {
  readonly id: string
  readonly region: string
}

export interface MachineEvent {
  readonly at: Date
  readonly kind: 'start' | 'ready' | 'resume' | 'drain' | 'stop'
  /** Of a start or resume; `crash` also of a stop that nobody saw. */
  readonly reason?: StartReason
  readonly version?: string
  readonly commit?: string | null
  readonly phases?: Readonly<Record<string, number>>
}

export interface StartCount {
  readonly kind: 'boot' | 'resume'
  readonly reason: StartReason
  readonly count: number
}

export async function upsertMachine(db: Queryable, { id, region }: Machine): Promise<void> {
  await db.query({
    name: 'machines.upsert',
    text: `insert into machines (id, region) values ($1, $2)
           on conflict (id) do update set region = excluded.region, last_seen_at = greatest(machines.last_seen_at, now())`,
    values: [id, region],
  })
}

/** False when the very event was recorded before: a record sent again after a lost answer. */
export async function insertMachineEvent(db: Queryable, machineId: string, event: MachineEvent): Promise<boolean> {
  const rows = await db.query({
    name: 'machine_events.insert',
    text: `insert into machine_events (machine_id, at, kind, reason, version, commit, phases)
           values ($1, $2, $3, $4, $5, $6, $7) on conflict (machine_id, at, kind) do nothing returning id`,
    values: [
      machineId,
      event.at,
      event.kind,
      event.reason ?? null,
      event.version ?? null,
      event.commit ?? null,
      event.phases === undefined ? null : JSON.stringify(event.phases),
    ],
  })
  return rows.length > 0
}

/** The run before `at`; undefined when the machine has none. */
export async function selectPreviousRun(db: Queryable, machineId: string, at: Date): Promise<RecordedRun | undefined> {
  const [run] = await db.query<RecordedRun>({
    name: 'machine_events.previous_run',
    text: `select s.version, s.commit, coalesce(since.clean_stop and not since.restart, false) as "endedCleanly",
                  coalesce(since.stop, false) as "hasStop",
                  greatest(since.last_at, case when m.last_seen_at < $2 then m.last_seen_at end) as "lastSignAt"
           from machine_events s
           join machines m on m.id = s.machine_id
           cross join lateral (
             select bool_or(e.kind = 'stop') as stop, bool_or(e.kind = 'restart') as restart,
                    bool_or(e.kind = 'stop' and e.reason is distinct from 'crash') as clean_stop, max(e.at) as last_at
             from machine_events e
             where e.machine_id = s.machine_id and e.at >= s.at and e.at < $2) since
           where s.machine_id = $1 and s.kind = 'start' and s.at < $2
           order by s.at desc limit 1`,
    values: [machineId, at],
  })
  return run
}

export async function countStart(
  db: Queryable,
  machineId: string,
  kind: StartCount['kind'],
  reason: StartReason,
): Promise<void> {
  await db.query({
    name: 'machine_starts.count',
    text: `insert into machine_starts (machine_id, kind, reason, total) values ($1, $2, $3, 1)
           on conflict (machine_id, kind, reason) do update set total = machine_starts.total + 1`,
    values: [machineId, kind, reason],
  })
}

export function selectStarts(db: Queryable, machineId: string): Promise<StartCount[]> {
  return db.query<StartCount>({
    name: 'machine_starts.list',
    text: `select kind, reason, total::double precision as count from machine_starts where machine_id = $1`,
    values: [machineId],
  })
}

/** Adds to what the machine has run; gives the new total in seconds. */
export async function addRunningSeconds(db: Queryable, machineId: string, seconds: number): Promise<number> {
  const [row] = await db.query<{ total: number }>({
    name: 'machines.add_running',
    text: `update machines set running_seconds = running_seconds + $2, last_seen_at = greatest(last_seen_at, now())
           where id = $1 returning running_seconds as total`,
    values: [machineId, seconds],
  })
  return row?.total ?? 0
}
