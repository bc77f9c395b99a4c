/** Figures over time in bounded memory: the intervals grow as the run does. */
import { isOk, type Observation } from '../observation/observation.ts'
import type { StartKind } from '../observation/start-kind.ts'
import { addToHistogram, bucketOf, type LogHistogram, valueAtRank } from '../statistics/log-histogram.ts'
import { carriesPercentile, nearestRank } from '../statistics/nearest-rank.ts'
import type { Series, SeriesBucket } from './report.ts'

/** Of a run too long to be drawn probe by probe, each has some 20, which is what a p95 takes. */
const mostBuckets = 48
/** Seconds that people count in; each is a multiple of the one before, so that two neighbours merge whole. */
const widthsS = [1, 5, 15, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400, 604_800] as const

interface Bucket {
  count: number
  ok: number
  cold: number
  resume: number
  answers: number
  maxMs: number
  histogram: LogHistogram
}

export interface SeriesTracker {
  add(observation: Observation, kind: StartKind): void
  series(): Series
}

export function createSeriesTracker(): SeriesTracker {
  let step = 0
  let widthMs = 1_000
  /** By the number of the interval since the epoch. */
  let buckets = new Map<number, Bucket>()

  function widen(): void {
    step += 1
    const narrowMs = widthMs
    widthMs = (widthsS[step] ?? 0) * 1_000 || widthMs * 2
    const narrow = buckets
    buckets = new Map()
    for (const [index, bucket] of narrow) {
      const at = Math.floor((index * narrowMs) / widthMs)
      const wide = buckets.get(at)
      if (wide === undefined) buckets.set(at, bucket)
      else merge(wide, bucket)
    }
  }

  return {
    add(observation, kind) {
      const index = Math.floor(Date.parse(observation.at) / widthMs)
      let bucket = buckets.get(index)
      if (bucket === undefined) {
        bucket = { count: 0, ok: 0, cold: 0, resume: 0, answers: 0, maxMs: 0, histogram: new Map() }
        buckets.set(index, bucket)
      }
      bucket.count += 1
      if (isOk(observation)) bucket.ok += 1
      if (kind === 'cold' || kind === 'resume') bucket[kind] += 1
      if (observation.statusCode !== undefined) {
        bucket.answers += 1
        bucket.maxMs = Math.max(bucket.maxMs, observation.durationMs)
        addToHistogram(bucket.histogram, bucketOf(observation.durationMs))
      }
      while (buckets.size > mostBuckets) widen()
    },
    series() {
      const inOrder = [...buckets].sort(([a], [b]) => a - b)
      return { widthMs, buckets: inOrder.map(([index, bucket]) => told(index * widthMs, bucket)) }
    },
  }
}

function merge(into: Bucket, from: Bucket): void {
  for (const name of ['count', 'ok', 'cold', 'resume', 'answers'] as const) into[name] += from[name]
  into.maxMs = Math.max(into.maxMs, from.maxMs)
  for (const [bucket, count] of from.histogram) addToHistogram(into.histogram, bucket, count)
}

function told(atMs: number, { histogram, maxMs, answers, count, ok, cold, resume }: Bucket): SeriesBucket {
  const ascending = [...histogram].sort(([a], [b]) => a - b)
  const percentile = (share: number) => {
    if (!carriesPercentile(answers, share)) return null
    return Math.min(maxMs, valueAtRank(ascending, nearestRank(answers, share)) ?? maxMs)
  }
  return {
    at: new Date(atMs).toISOString(),
    ...{ count, ok, failed: count - ok, cold, resume },
    p50Ms: percentile(0.5),
    p95Ms: percentile(0.95),
    maxMs: answers === 0 ? null : maxMs,
  }
}
