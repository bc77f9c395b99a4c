import { describe, expect, it } from 'vitest'
import { rankInterval } from '../../src/statistics/rank-interval.ts'

/** P(at most `most` of `count` lie below the percentile), with exact binomial coefficients. */
function atMost(most: number, count: number, share: number): number {
  let coefficient = 1n
  let sum = 0
  for (let below = 0; below <= most; below += 1) {
    sum += Number(coefficient) * share ** below * (1 - share) ** (count - below)
    coefficient = (coefficient * BigInt(count - below)) / BigInt(below + 1)
  }
  return sum
}

describe('the ranks that bound a percentile', () => {
  it.each([
    // Published tables of the sign test's interval for the median.
    [6, 1, 6],
    [20, 6, 15],
    [39, 13, 27],
    [100, 40, 61],
  ])('are for the median of %i values the %ith and the %ith', (count, low, high) => {
    expect(rankInterval(count, 0.5)).toEqual({ low, high })
  })

  it('hold the percentile with 95 % confidence, and no narrower ones with as much on either side', () => {
    for (const share of [0.5, 0.75, 0.9, 0.95, 0.99]) {
      for (let count = 1; count <= 400; count += 7) {
        const ranks = rankInterval(count, share)
        if (ranks === null) {
          // Then even the least or the greatest value leaves more than a fortieth outside.
          const outside = Math.max(atMost(0, count, share), 1 - atMost(count - 1, count, share))
          expect(outside).toBeGreaterThan(0.025)
          continue
        }
        expect(atMost(ranks.low - 1, count, share)).toBeLessThanOrEqual(0.025)
        expect(atMost(ranks.low, count, share)).toBeGreaterThan(0.025)
        expect(1 - atMost(ranks.high - 1, count, share)).toBeLessThanOrEqual(0.025)
        expect(1 - atMost(ranks.high - 2, count, share)).toBeGreaterThan(0.025)
      }
    }
  })

  it('differ by a few ranks only where the approximation for many values takes over', () => {
    const [exact, approximate] = [rankInterval(10_000, 0.99), rankInterval(10_001, 0.99)]
    expect(Math.abs((exact?.low ?? 0) - (approximate?.low ?? 0))).toBeLessThanOrEqual(2)
    expect(Math.abs((exact?.high ?? 0) - (approximate?.high ?? 0))).toBeLessThanOrEqual(2)
  })

  it('are not known for the p95 of 20 values', () => {
    expect(rankInterval(20, 0.95)).toBeNull()
  })
})
