import { twoSidedP } from './normal-distribution.ts'

/** Below it, of either sample, the normal approximation does not hold (Mann and Whitney, 1947). */
export const fewestForRankSum = 8

export interface RankSum {
  /** How likely two samples of the same distribution differ at least so much. */
  readonly p: number
  /**
   * How likely a value of the second sample is greater than one of the first, ties counted half: 0.5 is no difference.
   * A. Vargha, H. D. Delaney, J. Educ. Behav. Stat. 25(2), 2000: from 0.56 on (or 0.44 down) a small one, 0.64 medium,
   * 0.71 large.
   */
  readonly effect: number
}

/**
 * Mann–Whitney's U of two samples that are known as counts by bucket, whose order is that of the values: values of one
 * bucket are ties, for which the variance is corrected. Null when a sample is too small. H. B. Mann, D. R. Whitney:
 * "On a Test of Whether one of Two Random Variables is Stochastically Larger than the Other", Ann. Math. Stat. 18(1),
 * 1947; the correction: E. L. Lehmann, "Nonparametrics", 1.4.
 */
export function rankSum(first: ReadonlyMap<number, number>, second: ReadonlyMap<number, number>): RankSum | null {
  const [firstCount, secondCount] = [countOf(first), countOf(second)]
  if (Math.min(firstCount, secondCount) < fewestForRankSum) return null
  let below = 0
  let greaterPairs = 0
  let tieSum = 0
  for (const bucket of [...new Set([...first.keys(), ...second.keys()])].sort((a, b) => a - b)) {
    const [ofFirst, ofSecond] = [first.get(bucket) ?? 0, second.get(bucket) ?? 0]
    greaterPairs += ofSecond * (below + ofFirst / 2)
    tieSum += (ofFirst + ofSecond) ** 3 - (ofFirst + ofSecond)
    below += ofFirst
  }
  const pairs = firstCount * secondCount
  const all = firstCount + secondCount
  const variance = (pairs / 12) * (all + 1 - tieSum / (all * (all - 1)))
  // Half a pair of continuity: U moves in steps, the normal distribution does not.
  const distance = Math.max(0, Math.abs(greaterPairs - pairs / 2) - 0.5)
  return { p: variance > 0 ? twoSidedP(distance / Math.sqrt(variance)) : 1, effect: greaterPairs / pairs }
}

const countOf = (histogram: ReadonlyMap<number, number>): number =>
  [...histogram.values()].reduce((sum, n) => sum + n, 0)
