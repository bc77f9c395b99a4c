/**
 * Logarithmic buckets of one width for ever, so that histograms of any minute, machine or process merge by adding
 * counts. A value is told with a relative error of at most 1 %. After C. Masson, J. E. Rim, H. K. Lee: "DDSketch: A Fast
 * and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", PVLDB 12(12), 2019.
 */

/** The greatest difference between a value and the one that its bucket tells, as a share of the value. */
export const relativeError = 0.01
const base = (1 + relativeError) / (1 - relativeError)
const logBase = Math.log(base)
/** Milliseconds below it are told as it: no clock here is finer. */
const leastMs = 0.001
/** A day, in milliseconds: no probe takes longer. */
const mostMs = 86_400_000

/** Bucket i holds (base^(i-1), base^i] milliseconds. */
export function bucketOf(ms: number): number {
  return Math.ceil(Math.log(Math.min(Math.max(ms, leastMs), mostMs)) / logBase)
}

/** The value that differs from none of its bucket by more than the relative error. */
export function toldMs(bucket: number): number {
  return (2 * base ** bucket) / (base + 1)
}

/** The upper bound of a bucket, itself within. */
export const upperMs = (bucket: number): number => base ** bucket

/** Counts by bucket. */
export type LogHistogram = Map<number, number>

export function addToHistogram(histogram: LogHistogram, bucket: number, count = 1): void {
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + count)
}

/** The bucket whose upper bound this is, be it rounded. */
export const bucketOfUpper = (ms: number): number => Math.round(Math.log(ms) / logBase)

/** The value told at a rank from 1; the greatest where the rank is beyond the count, undefined of none at all. */
export function valueAtRank(
  ascending: readonly (readonly [bucket: number, count: number])[],
  rank: number,
): number | undefined {
  let reached = 0
  const at = ascending.find(([, count]) => {
    reached += count
    return reached >= rank
  })
  const bucket = at ?? ascending.at(-1)
  return bucket === undefined ? undefined : toldMs(bucket[0])
}
