import { z95 } from './normal-distribution.ts'

export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * Which shares a count of `good` of `total` agrees with, at 95 % confidence; null when total is 0. Unlike the interval
 * of textbooks it holds for few trials and near 0 and 1. E. B. Wilson: "Probable Inference, the Law of Succession, and
 * Statistical Inference", JASA 22(158), 1927; L. D. Brown, T. T. Cai, A. DasGupta: "Interval Estimation for a Binomial
 * Proportion", Statistical Science 16(2), 2001.
 */
export function wilsonInterval(good: number, total: number): Interval | null {
  if (total === 0) return null
  const share = good / total
  const square = z95 ** 2
  const centre = share + square / (2 * total)
  const reach = z95 * Math.sqrt((share * (1 - share)) / total + square / (4 * total ** 2))
  const divisor = 1 + square / total
  // At the ends rounding errors would leave what is exactly 0 or 1.
  return {
    low: good === 0 ? 0 : (centre - reach) / divisor,
    high: good === total ? 1 : (centre + reach) / divisor,
  }
}
