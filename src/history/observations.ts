import type { Database, Queryable } from '../db/queryable.ts'
import type { Observation } from '../observation/observation.ts'
import { plainArray, textArray } from './array-literals.ts'
import { groupByMinute, packGroup } from './rollup-group.ts'

/** `stored`: the observations that were new, one of each id. */
export interface StoredObservations {
  readonly stored: readonly Observation[]
}

/**
 * Stores what is new and tells which that was. What a batch adds to the rollups waits beside it, written in the same
 * transaction, so that neither is ever without the other. Two machines that store the same batch at once insert it
 * in one order, so that they wait for each other, and never in a circle.
 */
export async function insertObservations(
  db: Pick<Database, 'transaction'>,
  observations: readonly Observation[],
  signal?: AbortSignal,
): Promise<StoredObservations> {
  const byId = new Map(observations.map((observation) => [observation.id, observation]))
  const ordered = [...byId.values()].sort(inOrder)
  if (ordered.length === 0) return { stored: [] }
  return await db.transaction(async (tx) => {
    const count = await insertAll(tx, ordered)
    if (count === ordered.length) return { stored: ordered }
    const stored = count === 0 ? [] : await selectOwn(tx, ordered)
    const groups = groupByMinute(stored)
    if (groups.length > 0) {
      await tx.query({
        name: 'observation_deltas.insert',
        text: 'insert into observation_deltas (groups) values ($1)',
        values: [JSON.stringify(groups.map(packGroup))],
      })
    }
    return { stored }
  }, signal)
}

/** Of time, as they come from a prober and as they lie in the table and its indexes; by id they would cost more. */
function inOrder(a: Observation, b: Observation): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1
  return a.id < b.id ? -1 : 1
}

/** How many were new. When all were, what they add to the rollups is written with them, by the one statement. */
async function insertAll(tx: Queryable, ordered: readonly Observation[]): Promise<number> {
  const groups = groupByMinute(ordered)
  const [row] = await tx.query<{ count: number }>({
    name: 'observations.insert',
    text: `with stored as (
             insert into observations (id, at, intended_at, target, source, region, machine, version, duration_ms,
               status_code, health_status, error_code, uptime_ms, resume_ms, database_ms,
               dns_ms, connect_ms, tls_ms, first_byte_ms, reasons)
             select * from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
               $7::text[], $8::text[], $9::float8[], $10::int2[], $11::text[], $12::text[], $13::float8[], $14::float8[],
               $15::float8[], $16::float8[], $17::float8[], $18::float8[], $19::float8[], $20::jsonb[])
             on conflict (id) do nothing returning 1),
           delta as (
             insert into observation_deltas (groups)
             select $21::json where $21 is not null and (select count(*) from stored) = $22)
           select count(*)::int as count from stored`,
    values: [...columnsOf(ordered), groups.length > 0 ? JSON.stringify(groups.map(packGroup)) : null, ordered.length],
  })
  return row?.count ?? 0
}

/** Those that this transaction has inserted: no others have its number. */
async function selectOwn(tx: Queryable, ordered: readonly Observation[]): Promise<Observation[]> {
  const rows = await tx.query<{ id: string }>({
    name: 'observations.own',
    text: 'select id from observations where id = any($1::uuid[]) and xmin = pg_current_xact_id()::xid',
    values: [ordered.map(({ id }) => id)],
  })
  const own = new Set(rows.map(({ id }) => id))
  return ordered.filter(({ id }) => own.has(id))
}

function columnsOf(observations: readonly Observation[]): (string | null)[] {
  const plain = (pick: (observation: Observation) => string | number | undefined) => plainArray(observations.map(pick))
  const text = (pick: (observation: Observation) => string | undefined) => textArray(observations.map(pick))
  return [
    plain(({ id }) => id),
    plain(({ at }) => at),
    plain(({ intendedAt }) => intendedAt),
    text(({ target }) => target),
    text(({ source }) => source),
    text(({ region }) => region),
    text(({ machine }) => machine),
    text(({ version }) => version),
    plain(({ durationMs }) => durationMs),
    plain(({ statusCode }) => statusCode),
    text(({ healthStatus }) => healthStatus),
    text(({ errorCode }) => errorCode),
    plain(({ uptimeMs }) => uptimeMs),
    plain(({ resumeMs }) => resumeMs),
    plain(({ databaseMs }) => databaseMs),
    plain(({ phases }) => phases?.dnsMs),
    plain(({ phases }) => phases?.connectMs),
    plain(({ phases }) => phases?.tlsMs),
    plain(({ phases }) => phases?.firstByteMs),
    text(({ reasons }) => reasons && JSON.stringify(reasons)),
  ]
}
