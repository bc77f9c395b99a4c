import { describe, expect, it } from 'vitest'
import { wilsonInterval } from '../../src/statistics/wilson-interval.ts'

describe('the interval of a share', () => {
  it.each([
    [20, 20, 0.8389, 1],
    [0, 20, 0, 0.1611],
    [35, 40, 0.7389, 0.9454],
    // Published: R. G. Newcombe, Statistics in Medicine 17, 1998, pp. 857–872, table I, method 3.
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [1, 29, 0.0061, 0.1718],
  ])('of %i good of %i is from %f to %f', (good, total, low, high) => {
    const interval = wilsonInterval(good, total)
    expect(interval?.low).toBeCloseTo(low, 4)
    expect(interval?.high).toBeCloseTo(high, 4)
  })

  it('ends where the share is exactly 1.96 standard deviations away', () => {
    for (const [good, total] of [
      [1, 7],
      [19, 20],
      [400, 1_000],
      [999_999, 1_000_000],
    ] as const) {
      const { low = 0, high = 0 } = wilsonInterval(good, total) ?? {}
      for (const end of [low, high]) {
        const deviations = Math.abs(good / total - end) / Math.sqrt((end * (1 - end)) / total)
        expect(deviations).toBeCloseTo(1.959964, 4)
      }
    }
  })

  it('is not known where nothing was tried', () => {
    expect(wilsonInterval(0, 0)).toBeNull()
  })
})
