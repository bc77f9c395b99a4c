import { describe, expect, it } from 'vitest'
import { shareDifference } from '../../src/statistics/share-difference.ts'

describe('the difference of two shares', () => {
  // Published: R. G. Newcombe, Statistics in Medicine 17, 1998, pp. 873–890, table II, method 10.
  it.each([
    [48, 80, 56, 70, 0.2, 0.0524, 0.3339],
    [3, 10, 9, 10, 0.6, 0.1705, 0.809],
    [2, 7, 6, 7, 0.5714, 0.0582, 0.8062],
    [0, 29, 5, 56, 0.0893, -0.0381, 0.1926],
    [0, 20, 0, 10, 0, -0.1611, 0.2775],
    [0, 10, 10, 10, 1, 0.6075, 1],
  ])('from %i of %i to %i of %i is %f, between %f and %f', (oldGood, oldTotal, good, total, difference, low, high) => {
    const found = shareDifference({ good: oldGood, total: oldTotal }, { good, total })
    expect(found?.difference).toBeCloseTo(difference, 4)
    expect(found?.low).toBeCloseTo(low, 4)
    expect(found?.high).toBeCloseTo(high, 4)
  })

  it('is not known where one of them has no trials', () => {
    expect(shareDifference({ good: 0, total: 0 }, { good: 1, total: 1 })).toBeNull()
  })
})
