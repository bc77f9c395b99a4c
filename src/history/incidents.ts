/**
 * Incidents in Postgres. Every machine tells of what it sees; the statements make one incident of it, whatever the order
 * in which they come. A shared incident ends when a machine sees the check well for long and none has told for
 * `aliveSeconds` that it still fails: by the server's clock, since those of the machines may differ.
 */
import type { Database, Queryable } from '../db/queryable.ts'
import type { CheckScope } from '../health/check.ts'

interface IncidentCheck {
  readonly check: string
  readonly scope: CheckScope
  /** Who tells. */
  readonly machineId: string
}

/** ISO 8601 in UTC. `openedAt`: of the first failed run; `recoveredAt`: since when the check has been well. */
export type IncidentReport =
  | (IncidentCheck & {
      readonly change: 'opened'
      readonly openedAt: string
      readonly code: string
      readonly evidence: Readonly<Record<string, unknown>>
    })
  | (IncidentCheck & { readonly change: 'recovered'; readonly recoveredAt: string })

/** A machine that fails tells so every half minute; one that has not for so long is gone or well. */
const aliveSeconds = 75
/** Machines see the same fault not at the same instant. */
const skewSeconds = 60
/** A machine that was seen by nobody for so long is gone. */
const goneSeconds = 900

export async function writeIncident(
  db: Pick<Database, 'transaction'>,
  report: IncidentReport,
  signal?: AbortSignal,
): Promise<void> {
  await db.transaction((tx) => (report.change === 'opened' ? open(tx, report) : close(tx, report)), signal)
}

/** What happened within another incident of the check is part of it, even if that one is closed by now. */
async function open(tx: Queryable, report: Extract<IncidentReport, { change: 'opened' }>): Promise<void> {
  const { check, scope, machineId, openedAt, code, evidence } = report
  const opened = await tx.query({
    name: 'incidents.open',
    text: `insert into incidents (check_name, scope, machine_id, code, evidence, opened_at, last_failed_at, opened_by)
           select $1, $2, $3, $4, $5, $6::timestamptz, now(), $7
           where not exists (
             select from incidents
             where check_name = $1 and scope = $2 and machine_id is not distinct from $3
               and opened_at <= $6::timestamptz + ${skewSeconds} * interval '1 s'
               and (closed_at is null or closed_at >= $6::timestamptz))
           on conflict do nothing returning id`,
    values: [check, scope, scope === 'local' ? machineId : null, code, JSON.stringify(evidence), openedAt, machineId],
  })
  if (opened.length > 0) return
  await tx.query({
    name: 'incidents.join',
    text: `update incidents set opened_at = least(opened_at, $4::timestamptz), last_failed_at = now()
           where closed_at is null and check_name = $1 and scope = $2 and machine_id is not distinct from $3`,
    values: [check, scope, scope === 'local' ? machineId : null, openedAt],
  })
}

async function close(
  tx: Queryable,
  { check, scope, machineId, recoveredAt }: Extract<IncidentReport, { change: 'recovered' }>,
): Promise<void> {
  await tx.query({
    name: 'incidents.close',
    text: `update incidents set closed_at = greatest(opened_at, $4::timestamptz)
           where closed_at is null and check_name = $1 and scope = $2 and opened_at <= $4::timestamptz
             and (machine_id = $3 or (scope = 'shared' and ${nobodyFails}))`,
    values: [check, scope, machineId, recoveredAt],
  })
}

const nobodyFails = `coalesce(last_failed_at, opened_at) < now() - ${aliveSeconds} * interval '1 s'`

/** This machine still sees these checks fail. Gives those of them that have an open incident. */
export async function touchIncidents(db: Queryable, machineId: string, checks: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ check: string }>({
    name: 'incidents.touch',
    text: `update incidents set last_failed_at = now()
           where closed_at is null and check_name = any($1::text[]) and (scope = 'shared' or machine_id = $2)
           returning check_name as check`,
    values: [checks, machineId],
  })
  return rows.map(({ check }) => check)
}

export interface ClosedIncident {
  readonly check: string
  readonly machine: string | null
}

/**
 * Closes what was left open: by a process of this machine that ended meanwhile, by machines that are gone. `well`: the
 * checks that this machine has seen healthy for long, with the instant since when.
 */
export function closeForgottenIncidents(
  db: Queryable,
  machineId: string,
  well: readonly { readonly check: string; readonly since: Date }[],
): Promise<ClosedIncident[]> {
  return db.query<ClosedIncident>({
    name: 'incidents.close_forgotten',
    text: `with left_open as (
             select i.id, w.since, coalesce(i.last_failed_at, i.opened_at) as told_at, i.scope, i.machine_id,
                    coalesce(m.last_seen_at, '-infinity') as seen_at
             from incidents i
               left join unnest($2::text[], $3::timestamptz[]) as w (check_name, since)
                 on w.check_name = i.check_name and (i.scope = 'shared' or i.machine_id = $1)
               left join machines m on m.id = i.machine_id
             where i.closed_at is null)
           update incidents i
           set closed_at = greatest(i.opened_at, o.told_at, o.since),
               evidence = i.evidence || case when o.since is null then '{"closed":"nobody tells of it any more"}' else '{}' end::jsonb
           from left_open o
           where o.id = i.id and i.closed_at is null and case
             when o.since is not null then o.scope = 'local' or o.told_at < now() - ${aliveSeconds} * interval '1 s'
             when o.scope = 'shared' then o.told_at < now() - ${goneSeconds} * interval '1 s'
             else o.machine_id <> $1 and greatest(o.told_at, o.seen_at) < now() - ${goneSeconds} * interval '1 s' end
           returning i.check_name as check, i.machine_id as machine`,
    values: [machineId, well.map(({ check }) => check), well.map(({ since }) => since)],
  })
}

export interface Incident {
  readonly id: number
  readonly check: string
  readonly scope: CheckScope
  /** Of a local check; null for a shared one. */
  readonly machine: string | null
  readonly code: string
  readonly openedAt: Date
  readonly closedAt: Date | null
  readonly acknowledgedAt: Date | null
  /** These two and `evidence.message` are for the operator. */
  readonly acknowledgedBy: string | null
  readonly acknowledgedNote: string | null
  readonly evidence: Readonly<Record<string, unknown>>
}

const columns = `id::float8 as id, check_name as check, scope, machine_id as machine, code, opened_at as "openedAt",
  closed_at as "closedAt", acknowledged_at as "acknowledgedAt", acknowledged_by as "acknowledgedBy",
  acknowledged_note as "acknowledgedNote", evidence`

/** Those that lasted into the range, newest first. */
export function selectIncidents(
  db: Queryable,
  query: {
    readonly from?: Date | undefined
    readonly to?: Date | undefined
    readonly open?: boolean | undefined
    readonly limit: number
  },
): Promise<Incident[]> {
  return db.query<Incident>({
    name: 'incidents.list',
    text: `select ${columns} from incidents
           where ($1::timestamptz is null or coalesce(closed_at, 'infinity') >= $1)
             and ($2::timestamptz is null or opened_at < $2)
             and ($3::boolean is null or (closed_at is null) = $3)
           order by opened_at desc, id desc limit $4`,
    values: [query.from ?? null, query.to ?? null, query.open ?? null, query.limit],
  })
}

/** `changed`: this call acknowledged it. Undefined: there is no such incident. */
export async function acknowledgeIncident(
  db: Queryable,
  id: number,
  { by, note }: { readonly by: string | undefined; readonly note: string | undefined },
): Promise<{ readonly incident: Incident; readonly changed: boolean } | undefined> {
  const [incident] = await db.query<Incident>({
    name: 'incidents.acknowledge',
    text: `update incidents set acknowledged_at = now(), acknowledged_by = $2, acknowledged_note = $3
           where id = $1 and acknowledged_at is null and closed_at is null returning ${columns}`,
    values: [id, by ?? null, note ?? null],
  })
  if (incident !== undefined) return { incident, changed: true }
  const [found] = await db.query<Incident>({
    name: 'incidents.get',
    text: `select ${columns} from incidents where id = $1`,
    values: [id],
  })
  return found === undefined ? undefined : { incident: found, changed: false }
}
