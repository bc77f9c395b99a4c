import { describe, expect, it } from 'vitest'
import { budgetRemaining, burnRate, ratio } from '../../src/slo/error-budget.ts'
import { seededRandom } from './seeded-random.ts'

describe('the error budget', () => {
  it.each([
    // The allowed bad events of 10,000 at 99.9 % are 10.
    ['no bad event', 10_000, 10_000, 0.999, 1, 1, 0],
    ['half of the allowed bad events', 9_995, 10_000, 0.999, 0.9995, 0.5, 0.5],
    ['as many bad events as allowed', 9_990, 10_000, 0.999, 0.999, 0, 1],
    ['twice as many', 9_980, 10_000, 0.999, 0.998, -1, 2],
    ['nothing but bad events', 0, 20, 0.95, 0, -19, 20],
    ['the page at 14.4 times', 9_856, 10_000, 0.999, 0.9856, -13.4, 14.4],
  ])('with %s of %#', (_what, good, total, target, share, left, rate) => {
    expect(ratio({ good, total })).toBeCloseTo(share, 12)
    expect(budgetRemaining({ good, total }, target)).toBeCloseTo(left, 9)
    expect(burnRate({ good, total }, target)).toBeCloseTo(rate, 9)
  })

  it('is not known without an event', () => {
    const none = { good: 0, total: 0 }
    expect([ratio(none), budgetRemaining(none, 0.999), burnRate(none, 0.999)]).toEqual([null, null, null])
  })

  it('agrees with counting the allowed bad events one by one, over random days', () => {
    const random = seededRandom(20_261_126)
    for (let round = 0; round < 2_000; round += 1) {
      const target = 0.5 + random() * 0.4999
      const total = 1 + Math.floor(random() * 5_000)
      const good = total - Math.floor(random() * random() * (total + 1))
      const allowed = total * (1 - target)
      const bad = Array.from({ length: total }, (_, index) => index >= good).filter(Boolean).length
      expect(budgetRemaining({ good, total }, target)).toBeCloseTo((allowed - bad) / allowed, 6)
      expect(burnRate({ good, total }, target)).toBeCloseTo(bad / allowed, 6)
    }
  })

  it('only falls with another bad event, never exceeds 1, and is overdrawn exactly below the target', () => {
    const random = seededRandom(7)
    for (let round = 0; round < 2_000; round += 1) {
      const target = 0.5 + random() * 0.4999
      const total = 1 + Math.floor(random() * 5_000)
      const good = 1 + Math.floor(random() * total)
      const left = budgetRemaining({ good, total }, target) ?? Number.NaN
      const worse = budgetRemaining({ good: good - 1, total }, target) ?? Number.NaN
      expect(left).toBeLessThanOrEqual(1)
      expect(worse).toBeLessThan(left)
      const share = ratio({ good, total }) ?? Number.NaN
      if (Math.abs(share - target) > 1e-9) expect(left < 0).toBe(share < target)
    }
  })

  it('burns in the whole what the weighted mean of its parts burns', () => {
    const random = seededRandom(99)
    for (let round = 0; round < 500; round += 1) {
      const parts = Array.from({ length: 1 + Math.floor(random() * 6) }, () => {
        const total = 1 + Math.floor(random() * 1_000)
        return { good: Math.floor(random() * (total + 1)), total }
      })
      const total = parts.reduce((sum, part) => sum + part.total, 0)
      const good = parts.reduce((sum, part) => sum + part.good, 0)
      const mean = parts.reduce((sum, part) => sum + (burnRate(part, 0.99) ?? 0) * (part.total / total), 0)
      expect(burnRate({ good, total }, 0.99)).toBeCloseTo(mean, 6)
    }
  })
})
