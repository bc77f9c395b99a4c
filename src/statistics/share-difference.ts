import { type Interval, wilsonInterval } from './wilson-interval.ts'

export interface Trials {
  readonly good: number
  readonly total: number
}

/**
 * `now` minus `before` as shares, with the 95 % interval of the difference; null when one has no trials. The hybrid
 * score interval, method 10 of R. G. Newcombe: "Interval Estimation for the Difference Between Independent Proportions",
 * Statistics in Medicine 17(8), 1998.
 */
export function shareDifference(before: Trials, now: Trials): (Interval & { readonly difference: number }) | null {
  const [old, young] = [wilsonInterval(before.good, before.total), wilsonInterval(now.good, now.total)]
  if (old === null || young === null) return null
  const [oldShare, youngShare] = [before.good / before.total, now.good / now.total]
  const difference = youngShare - oldShare
  return {
    difference,
    low: difference - Math.hypot(youngShare - young.low, old.high - oldShare),
    high: difference + Math.hypot(young.high - youngShare, oldShare - old.low),
  }
}
