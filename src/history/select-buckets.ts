import type { Queryable } from '../db/queryable.ts'
import { selfSource } from '../observation/self-source.ts'
import { relativeError } from '../statistics/log-histogram.ts'
import { histogramPercentiles } from './histogram-percentile.ts'
import { addCounts, emptyCounts, type PackedGroup, type RollupCounts, unpackGroup } from './rollup-group.ts'
import { addRow, type Resolution, type RollupRow } from './rollups.ts'

export const bucketWidths = { '1m': 1, '5m': 5, '1h': 60, '1d': 1_440 } as const satisfies Record<string, Resolution>
/** `1d` is a day of UTC. */
export type BucketWidth = keyof typeof bucketWidths

/** How percentiles are found, as answers tell it. */
export const bucketMethod = `nearest rank in logarithmic buckets, relative error at most ${relativeError * 100} %`

/** Whose observations. Absent: everybody's; an absent source: everybody's but the service's own (`self`). */
export interface ObservationFilter {
  readonly target?: string | undefined
  readonly source?: string | undefined
  readonly region?: string | undefined
}

export interface BucketQuery extends ObservationFilter {
  readonly from: Date
  /** Not itself within. */
  readonly to: Date
  readonly bucket: BucketWidth
}

/** Milliseconds; null where the count can't carry the figure. */
export interface ObservationBucket {
  /** The beginning, ISO 8601 in UTC. */
  readonly at: string
  readonly count: number
  readonly ok: number
  /** Answers that waited for a cold start or a resume. */
  readonly cold: number
  readonly availability: number | null
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  readonly maxMs: number | null
}

/** The range that whole buckets have, from the one that `from` is in to the one that ends at or after `to`. */
export function wholeBuckets({ from, to, bucket }: Pick<BucketQuery, 'from' | 'to' | 'bucket'>) {
  const widthMs = bucketWidths[bucket] * 60_000
  const fromMs = Math.floor(from.getTime() / widthMs) * widthMs
  const toMs = Math.ceil(to.getTime() / widthMs) * widthMs
  return { fromMs, toMs, widthMs, count: (toMs - fromMs) / widthMs }
}

/** Every bucket of the range in order of time, those without an observation too. */
export async function selectBuckets(db: Queryable, query: BucketQuery): Promise<ObservationBucket[]> {
  const { fromMs, widthMs, count } = wholeBuckets(query)
  const found = await selectCounts(db, query)
  return Array.from({ length: count }, (_, index) => bucketOf(fromMs + index * widthMs, found))
}

function bucketOf(atMs: number, found: ReadonlyMap<number, RollupCounts>): ObservationBucket {
  const { count, ok, cold, maxMs = null, histogram } = found.get(atMs) ?? emptyCounts()
  const [p50Ms = null, p95Ms = null, p99Ms = null] = histogramPercentiles(histogram, [0.5, 0.95, 0.99])
  const availability = count === 0 ? null : ok / count
  return { at: new Date(atMs).toISOString(), count, ok, cold, availability, p50Ms, p95Ms, p99Ms, maxMs }
}

interface Row extends RollupRow {
  readonly atMs: number | null
  /** Of a delta; the other columns are null then. */
  readonly groups: PackedGroup[] | null
}

async function selectCounts(db: Queryable, query: BucketQuery): Promise<Map<number, RollupCounts>> {
  const { fromMs, toMs, widthMs } = wholeBuckets(query)
  const found = new Map<number, RollupCounts>()
  const countsAt = (atMs: number): RollupCounts => {
    let counts = found.get(atMs)
    if (counts === undefined) {
      counts = emptyCounts()
      found.set(atMs, counts)
    }
    return counts
  }
  for (const row of await selectRows(db, query)) {
    if (row.groups === null) addRow(countsAt(row.atMs ?? 0), row)
    for (const packed of row.groups ?? []) {
      const atMs = packed[0] * 60_000
      if (atMs < fromMs || atMs >= toMs || !matches(packed, query)) continue
      addCounts(countsAt(atMs - (atMs % widthMs)), unpackGroup(packed))
    }
  }
  return found
}

/** One statement, so that what a job merges in between is seen either here or there. */
function selectRows(db: Queryable, query: BucketQuery): Promise<Row[]> {
  const { fromMs, toMs } = wholeBuckets(query)
  const { target = '', source, region } = query
  const where =
    target === ''
      ? `source = coalesce($5, '') and region = coalesce($6, '')`
      : `case when $5::text is null then source <> '${selfSource}' else source = $5 end and ($6::text is null or region = $6)`
  return db.query<Row>({
    name: 'observation_rollups.select',
    text: `select extract(epoch from at)::float8 * 1000 as "atMs", count::float8 as count, ok::float8 as ok,
                  cold::float8 as cold, max_ms as "maxMs", histogram, null::json as groups
           from observation_rollups
           where resolution = $1 and target = $4 and at >= to_timestamp($2) and at < to_timestamp($3) and ${where}
           union all select null, null, null, null, null, null, groups from observation_deltas`,
    values: [bucketWidths[query.bucket], fromMs / 1_000, toMs / 1_000, target, source ?? null, region ?? null],
  })
}

function matches([, target, source, region]: PackedGroup, wanted: ObservationFilter): boolean {
  return (
    (wanted.target === undefined || target === wanted.target) &&
    (wanted.source === undefined ? source !== selfSource : source === wanted.source) &&
    (wanted.region === undefined || region === wanted.region)
  )
}
