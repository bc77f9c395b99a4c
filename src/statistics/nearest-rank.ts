/** The rank, from 1, of a percentile by the nearest-rank method: the smallest that at least `share` of all reach. */
export function nearestRank(count: number, share: number): number {
  // 0.95 × 20 is 19.000000000000004 in floating point, and must not become 20.
  return Math.max(1, Math.ceil(count * share - 1e-9))
}

/** Above the percentile there must be one value on average, or it is but the greatest of few. */
export function carriesPercentile(count: number, share: number): boolean {
  return count * (1 - share) >= 1 - 1e-9
}
