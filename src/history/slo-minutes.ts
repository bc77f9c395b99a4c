import type { Queryable } from '../db/queryable.ts'

/** Events of one objective; `good` of `total`. */
export interface ObjectiveCount {
  readonly objective: string
  readonly good: number
  readonly total: number
}

/** What one process counted in the minute that ends at `at`. Told twice, it is stored once. */
export async function insertSloMinute(
  db: Queryable,
  minute: { readonly at: Date; readonly processId: string; readonly counts: readonly ObjectiveCount[] },
): Promise<void> {
  await db.query({
    name: 'slo_minutes.insert',
    text: `insert into slo_minutes (at, process_id, objective, good, total)
           select $1, $2, * from unnest($3::text[], $4::bigint[], $5::bigint[])
           on conflict (at, process_id, objective) do nothing`,
    values: [
      minute.at,
      minute.processId,
      minute.counts.map(({ objective }) => objective),
      minute.counts.map(({ good }) => good),
      minute.counts.map(({ total }) => total),
    ],
  })
}

/** Over all processes, of the minutes that end after `from` and until `to`. An objective without an event is not there. */
export function selectObjectiveTotals(
  db: Queryable,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<ObjectiveCount[]> {
  return db.query<ObjectiveCount>({
    name: 'slo_minutes.totals',
    text: `select objective, sum(good)::float8 as good, sum(total)::float8 as total
           from slo_minutes where at > $1 and at <= $2 group by objective order by objective`,
    values: [from, to],
  })
}
