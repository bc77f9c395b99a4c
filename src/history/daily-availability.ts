import type { Queryable } from '../db/queryable.ts'
import { selectBuckets } from './select-buckets.ts'

export interface DailyAvailability {
  /** Of UTC, YYYY-MM-DD. */
  readonly day: string
  readonly count: number
  readonly ok: number
}

/** By day, from outside: what the service told of itself is not in it. Days without an observation have a count of 0. */
export async function selectDailyAvailability(
  db: Queryable,
  { from, to, target }: { readonly from: Date; readonly to: Date; readonly target?: string | undefined },
): Promise<DailyAvailability[]> {
  const buckets = await selectBuckets(db, { from, to, target, bucket: '1d' })
  return buckets.map(({ at, count, ok }) => ({ day: at.slice(0, 10), count, ok }))
}
