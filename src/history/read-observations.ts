import type { Queryable } from '../db/queryable.ts'
import type { FailingCheck, Observation } from '../observation/observation.ts'
import { selfSource } from '../observation/self-source.ts'
import type { ObservationFilter } from './select-buckets.ts'

const pageSize = 1_000

interface Row extends Omit<Observation, 'phases' | 'at' | 'intendedAt'> {
  readonly at: Date
  readonly intendedAt: Date | null
  readonly dnsMs: number | null
  readonly connectMs: number | null
  readonly tlsMs: number | null
  readonly firstByteMs: number | null
  readonly reasons: FailingCheck[]
}

/**
 * Stored observations in order of time, a page at a time by keyset, so that a report of millions of them needs the memory
 * of one page. `to` is not itself within. An absent source: everybody's but the service's own.
 */
export async function* readObservations(
  db: Queryable,
  query: ObservationFilter & { readonly from: Date; readonly to: Date },
): AsyncGenerator<Observation, void> {
  let after: { readonly at: Date; readonly id: string } | undefined
  for (;;) {
    const rows = await selectPage(db, query, after)
    for (const row of rows) yield toObservation(row)
    after = rows.at(-1)
    if (rows.length < pageSize) return
  }
}

function selectPage(
  db: Queryable,
  { from, to, target, source, region }: ObservationFilter & { readonly from: Date; readonly to: Date },
  after: { readonly at: Date; readonly id: string } | undefined,
): Promise<Row[]> {
  // Conditions that are not asked for are left out, so that each form gets the plan of its own index.
  const values: unknown[] = [after?.at ?? from, to, pageSize]
  const where = (column: string, value: string | undefined) =>
    value === undefined ? '' : ` and ${column} = $${values.push(value)}`
  const rest = after === undefined ? '' : ` and (at, id) > ($1, $${values.push(after.id)}::uuid)`
  const filter = `${rest}${where('target', target)}${where('source', source)}${where('region', region)}`
  return db.query<Row>({
    name: 'observations.page',
    text: `select id, at, intended_at as "intendedAt", target, source, region, machine, version,
                  duration_ms as "durationMs", status_code as "statusCode", health_status as "healthStatus",
                  error_code as "errorCode", uptime_ms as "uptimeMs", resume_ms as "resumeMs",
                  database_ms as "databaseMs", dns_ms as "dnsMs", connect_ms as "connectMs", tls_ms as "tlsMs",
                  first_byte_ms as "firstByteMs", reasons
           from observations
           where at >= $1 and at < $2${filter}
             ${source === undefined ? `and source <> '${selfSource}'` : ''}
           order by at, id limit $3`,
    values,
  })
}

function toObservation(row: Row): Observation {
  const { at, intendedAt, dnsMs, connectMs, tlsMs, firstByteMs, ...rest } = row
  const phases = present({ dnsMs, connectMs, tlsMs, firstByteMs })
  return {
    ...present(rest),
    at: at.toISOString(),
    ...(intendedAt !== null && { intendedAt: intendedAt.toISOString() }),
    ...(Object.keys(phases).length > 0 && { phases }),
  } as Observation
}

const present = (members: object) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null))
