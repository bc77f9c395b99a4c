import { type Instant, instant } from './instant.ts'
import { type LatencyBucket, latencyBucketMs } from './status-source.ts'

export interface LatencyView {
  /** ISO 8601. */
  readonly from: string
  readonly to: string
  /** One for each bucket of the time, so that a line breaks where nobody probed. */
  readonly points: readonly {
    readonly at: string
    readonly p50Ms: number | null
    readonly p95Ms: number | null
    readonly cold: number
  }[]
  readonly count: number
  readonly cold: number
  /** The slowest buckets, slowest first. */
  readonly slowest: readonly {
    readonly at: Instant
    readonly maxMs: number
    readonly count: number
    readonly failed: number
    readonly cold: number
  }[]
}

const dayMs = 86_400_000
const slowestShown = 5

/** The last 24 hours, up to the end of the present bucket. */
export function latencyView(known: readonly LatencyBucket[], nowMs: number): LatencyView {
  const toMs = (Math.floor(nowMs / latencyBucketMs) + 1) * latencyBucketMs
  const fromMs = toMs - dayMs
  const shown = known.filter(({ at }) => Date.parse(at) >= fromMs && Date.parse(at) < toMs)
  const byTime = new Map(shown.map((bucket) => [Date.parse(bucket.at), bucket]))
  const points = Array.from({ length: dayMs / latencyBucketMs }, (_, index) => {
    const atMs = fromMs + index * latencyBucketMs
    const { p50Ms = null, p95Ms = null, cold = 0 } = byTime.get(atMs) ?? {}
    return { at: new Date(atMs).toISOString(), p50Ms, p95Ms, cold }
  })
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    points,
    count: shown.reduce((sum, bucket) => sum + bucket.count, 0),
    cold: shown.reduce((sum, bucket) => sum + bucket.cold, 0),
    slowest: shown
      .flatMap(({ at, maxMs, count, ok, cold }) =>
        maxMs === null ? [] : [{ at: instant(new Date(at), nowMs), maxMs, count, failed: count - ok, cold }],
      )
      .sort((a, b) => b.maxMs - a.maxMs)
      .slice(0, slowestShown),
  }
}
