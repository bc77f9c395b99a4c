import { type LogHistogram, toldMs } from '../statistics/log-histogram.ts'
import { carriesPercentile, nearestRank } from '../statistics/nearest-rank.ts'

/** Milliseconds by nearest rank, within the relative error of the buckets; null where the count can't carry it. */
export function histogramPercentiles(histogram: LogHistogram, shares: readonly number[]): (number | null)[] {
  const buckets = ascending([...histogram.keys()])
  let total = 0
  for (const count of histogram.values()) total += count
  return shares.map((share) => {
    if (!carriesPercentile(total, share)) return null
    const rank = nearestRank(total, share)
    let reached = 0
    for (const bucket of buckets) {
      reached += histogram.get(bucket) ?? 0
      if (reached >= rank) return Math.round(toldMs(bucket) * 1_000) / 1_000
    }
    return null
  })
}

/** One row's buckets come in order already, and there are hundreds of rows. */
function ascending(buckets: number[]): number[] {
  const isSorted = buckets.every((bucket, index) => index === 0 || (buckets[index - 1] as number) < bucket)
  return isSorted ? buckets : buckets.sort((a, b) => a - b)
}
