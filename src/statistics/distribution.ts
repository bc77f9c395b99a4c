/** Durations of one population in bounded memory: exact while they are few, a logarithmic histogram beyond. */
import { addToHistogram, bucketOf, type LogHistogram, upperMs, valueAtRank } from './log-histogram.ts'
import { carriesPercentile, nearestRank } from './nearest-rank.ts'
import { rankInterval } from './rank-interval.ts'
import type { Interval } from './wilson-interval.ts'

export const percentileShares = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99 } as const
export type PercentileName = keyof typeof percentileShares

/** 80 kB each. */
export const exactUpTo = 10_000

/** Milliseconds. A percentile that the count can't carry is null. */
export interface DistributionFigures extends Readonly<Record<PercentileName, number | null>> {
  readonly count: number
  readonly min: number | null
  readonly mean: number | null
  readonly max: number | null
  /** Upper bound in milliseconds, and count, ascending: buckets of `log-histogram.ts`. */
  readonly histogram: readonly (readonly [upperMs: number, count: number])[]
  /** 95 % confidence interval of each percentile; null where the count can't carry it. */
  readonly intervals: Readonly<Record<PercentileName, Interval | null>>
  /** False: percentiles come from the histogram, with its relative error. */
  readonly exact: boolean
}

export interface Distribution {
  add(ms: number): void
  readonly count: number
  /** By nearest rank; null where the count can't carry it. */
  percentile(share: number): number | null
  figures(): DistributionFigures
}

export function createDistribution(): Distribution {
  const histogram: LogHistogram = new Map()
  let exact: number[] | undefined = []
  let count = 0
  let sum = 0
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY

  /** The value at a rank from 1. */
  function byRank(): (rank: number) => number {
    const sorted = exact?.toSorted((a, b) => a - b)
    if (sorted !== undefined) return (rank) => sorted[rank - 1] ?? max
    const ascending = [...histogram].sort(([a], [b]) => a - b)
    // The least and the greatest are known, whatever their buckets tell.
    return (rank) => Math.min(max, Math.max(min, valueAtRank(ascending, rank) ?? max))
  }

  function percentile(share: number, valueAt = byRank()): number | null {
    return carriesPercentile(count, share) ? valueAt(nearestRank(count, share)) : null
  }

  function interval(share: number, valueAt: (rank: number) => number): Interval | null {
    const ranks = carriesPercentile(count, share) ? rankInterval(count, share) : null
    return ranks && { low: valueAt(ranks.low), high: valueAt(ranks.high) }
  }

  return {
    add(ms) {
      count += 1
      sum += ms
      if (ms < min) min = ms
      if (ms > max) max = ms
      addToHistogram(histogram, bucketOf(ms))
      if (count > exactUpTo) exact = undefined
      exact?.push(ms)
    },
    get count() {
      return count
    },
    percentile: (share) => percentile(share),
    figures() {
      const valueAt = byRank()
      const each = <Value>(value: (share: number) => Value) => ({
        p50: value(percentileShares.p50),
        p75: value(percentileShares.p75),
        p90: value(percentileShares.p90),
        p95: value(percentileShares.p95),
        p99: value(percentileShares.p99),
      })
      return {
        count,
        min: count === 0 ? null : min,
        mean: count === 0 ? null : sum / count,
        max: count === 0 ? null : max,
        ...each((share) => percentile(share, valueAt)),
        histogram: [...histogram]
          .sort(([a], [b]) => a - b)
          .map(([bucket, inBucket]) => [rounded(upperMs(bucket)), inBucket]),
        intervals: each((share) => interval(share, valueAt)),
        exact: exact !== undefined,
      }
    },
  }
}

/** Far finer than a bucket, and a third of the digits. */
const rounded = (ms: number): number => Number(ms.toPrecision(6))
