/** 95 % of a normal distribution lie within so many standard deviations of its mean. */
export const z95 = 1.959963984540054

/**
 * How likely a standard normal variable is at least `z` away from 0, on either side. The error is at most 1.5e-7:
 * M. Abramowitz, I. A. Stegun: "Handbook of Mathematical Functions", 7.1.26.
 */
export function twoSidedP(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  return Math.min(1, polynomial * Math.exp(-x * x))
}
