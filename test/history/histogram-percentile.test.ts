import { expect, it } from 'vitest'
import { histogramPercentiles } from '../../src/history/histogram-percentile.ts'
import { addToHistogram, bucketOf, type LogHistogram } from '../../src/statistics/log-histogram.ts'

function histogramOf(values: readonly number[]): LogHistogram {
  const histogram: LogHistogram = new Map()
  for (const value of values) addToHistogram(histogram, bucketOf(value))
  return histogram
}

it('tells percentiles of a histogram within 1 % of those of the sorted values', () => {
  for (let round = 0; round < 300; round++) {
    const count = 100 + Math.floor(Math.random() * 900)
    const values = Array.from({ length: count }, () => 10 ** (Math.random() * 6 - 1)).sort((a, b) => a - b)
    const shares = [0.5, 0.95, 0.99]
    const found = histogramPercentiles(histogramOf(values), shares)
    for (const [index, share] of shares.entries()) {
      const exact = values.filter((_, at) => (at + 1) / count >= share - 1e-12)[0] ?? 0
      expect(Math.abs((found[index] ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.01 + 0.001)
    }
  }
})

it('tells null where the count of a histogram can not carry the percentile', () => {
  expect(histogramPercentiles(new Map(), [0.5])).toEqual([null])
  const nineteen = histogramPercentiles(histogramOf(Array(19).fill(100)), [0.5, 0.95, 0.99])
  expect(nineteen).toEqual([expect.closeTo(100, 0), null, null])
  const twenty = histogramPercentiles(histogramOf(Array(20).fill(100)), [0.5, 0.95, 0.99])
  expect(twenty).toEqual([expect.closeTo(100, 0), expect.closeTo(100, 0), null])
})
