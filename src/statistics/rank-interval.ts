import { z95 } from './normal-distribution.ts'

/** Above it the normal approximation of the binomial distribution is as good, and the sum below would be long. */
const exactUpTo = 10_000
const tail = 0.025

export interface RankInterval {
  readonly low: number
  readonly high: number
}

/**
 * Between which ranks of a sorted sample, from 1, the percentile of what was sampled lies, with 95 % confidence and
 * whatever its distribution; null when the sample is too small to bound it on both sides. By order statistics: how many
 * of the sample lie below the percentile is binomial. H. A. David, H. N. Nagaraja: "Order Statistics", 3rd ed., 7.1.
 */
export function rankInterval(count: number, share: number): RankInterval | null {
  const { low, high } = count <= exactUpTo ? exactRanks(count, share) : approximateRanks(count, share)
  return low < 1 || high > count ? null : { low, high }
}

function exactRanks(count: number, share: number): RankInterval {
  // In logarithms, because (1 - share) ** count is 0 in floating point for samples that are not even large.
  let logProbability = count * Math.log(1 - share)
  let cumulative = 0
  let low = 0
  for (let below = 0; below <= count; below += 1) {
    cumulative += Math.exp(logProbability)
    if (cumulative <= tail) low = below + 1
    if (1 - cumulative <= tail) return { low, high: below + 1 }
    logProbability += Math.log((count - below) / (below + 1)) + Math.log(share / (1 - share))
  }
  return { low, high: count + 1 }
}

function approximateRanks(count: number, share: number): RankInterval {
  const reach = z95 * Math.sqrt(count * share * (1 - share))
  return { low: Math.floor(count * share - reach), high: Math.ceil(count * share + reach) + 1 }
}
