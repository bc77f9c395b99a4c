/** A share in percent, cut and not rounded: 99.9999 % with a failure in it must not read as 100 %. No break within. */
export function shareText(share: number): string {
  // 0.29 × 100,000 is 28999.999999999996 in floating point.
  return `${Math.floor(share * 100_000 + 1e-6) / 1_000}\u00a0%`
}
