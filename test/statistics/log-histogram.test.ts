import { describe, expect, it } from 'vitest'
import {
  bucketOf,
  bucketOfUpper,
  relativeError,
  toldMs,
  upperMs,
  valueAtRank,
} from '../../src/statistics/log-histogram.ts'
import { durations, random } from '../support/random.ts'

describe('a logarithmic bucket', () => {
  it('tells each of its values with an error of at most 1 %', () => {
    for (const value of [0.001, 0.5, 1, 99.9, 86_400_000, ...durations(random(2), 2_000)]) {
      expect(Math.abs(toldMs(bucketOf(value)) - value) / value).toBeLessThanOrEqual(relativeError + 1e-9)
    }
  })

  it('is found again by its upper bound, be it rounded to six digits', () => {
    for (let bucket = -340; bucket <= 920; bucket += 1) {
      expect(bucketOfUpper(Number(upperMs(bucket).toPrecision(6)))).toBe(bucket)
    }
  })

  it('is reached by the ranks of its values', () => {
    const counts = [
      [10, 2],
      [11, 1],
      [40, 3],
    ] as const
    const told = [1, 2, 3, 4, 6, 7].map((rank) => valueAtRank(counts, rank))
    expect(told).toEqual([toldMs(10), toldMs(10), toldMs(11), toldMs(40), toldMs(40), toldMs(40)])
    expect(valueAtRank([], 1)).toBeUndefined()
  })
})
