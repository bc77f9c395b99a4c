import type { Queryable } from '../db/queryable.ts'
import type { StartReason } from './start-reason.ts'

export interface KnownMachine {
  readonly id: string
  readonly region: string
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
  /** Over all of its runs. */
  readonly runningSeconds: number
  /** The latest of its timeline; null when it is older than the history. */
  readonly lastEvent: { readonly kind: string; readonly at: Date } | null
  /** Of its latest start. */
  readonly version: string | null
}

/** Those seen last come first. */
export async function listMachines(db: Queryable, limit: number): Promise<KnownMachine[]> {
  const rows = await db.query<
    Omit<KnownMachine, 'lastEvent'> & { readonly kind: string | null; readonly at: Date | null }
  >({
    name: 'machines.list',
    text: `select m.id, m.region, m.first_seen_at as "firstSeenAt", m.last_seen_at as "lastSeenAt",
                  m.running_seconds as "runningSeconds", e.kind, e.at, s.version
           from machines m
             left join lateral (select kind, at from machine_events
                                where machine_id = m.id order by at desc, id desc limit 1) e on true
             left join lateral (select version from machine_events
                                where machine_id = m.id and kind = 'start' order by at desc limit 1) s on true
           order by m.last_seen_at desc, m.id limit $1`,
    values: [limit],
  })
  return rows.map(({ kind, at, ...machine }) => ({
    ...machine,
    lastEvent: kind === null || at === null ? null : { kind, at },
  }))
}

export interface RecordedMachineEvent {
  readonly at: Date
  readonly kind: 'start' | 'ready' | 'resume' | 'drain' | 'stop' | 'restart'
  readonly reason: StartReason | null
  readonly version: string | null
  readonly commit: string | null
  /** Of ready: wall milliseconds by phase. */
  readonly phases: Readonly<Record<string, number>> | null
  /** Of restart: the fault. */
  readonly code: string | null
}

/** The latest of a machine's timeline, newest first; undefined when there is no such machine. `to` is not itself within. */
export async function selectMachineEvents(
  db: Queryable,
  machineId: string,
  query: { readonly from?: Date | undefined; readonly to?: Date | undefined; readonly limit: number },
): Promise<RecordedMachineEvent[] | undefined> {
  const events = await db.query<RecordedMachineEvent>({
    name: 'machine_events.list',
    text: `select at, kind, reason, version, commit, phases, code from machine_events
           where machine_id = $1 and ($2::timestamptz is null or at >= $2) and ($3::timestamptz is null or at < $3)
           order by at desc, id desc limit $4`,
    values: [machineId, query.from ?? null, query.to ?? null, query.limit],
  })
  if (events.length > 0) return events
  const known = await db.query({
    name: 'machines.known',
    text: 'select from machines where id = $1',
    values: [machineId],
  })
  return known.length > 0 ? [] : undefined
}

export interface FleetEvent extends RecordedMachineEvent {
  readonly machine: string
  readonly region: string
}

/** Of all machines, oldest first. `to` is not itself within. */
export function selectFleetEvents(
  db: Queryable,
  { from, to, limit }: { readonly from: Date; readonly to: Date; readonly limit: number },
): Promise<FleetEvent[]> {
  return db.query<FleetEvent>({
    name: 'machine_events.fleet',
    text: `select e.machine_id as machine, m.region, e.at, e.kind, e.reason, e.version, e.commit, e.phases, e.code
           from machine_events e join machines m on m.id = e.machine_id
           where e.at >= $1 and e.at < $2 order by e.at, e.id limit $3`,
    values: [from, to, limit],
  })
}
