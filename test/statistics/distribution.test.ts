import { describe, expect, it } from 'vitest'
import { createDistribution, percentileShares } from '../../src/statistics/distribution.ts'
import { relativeError } from '../../src/statistics/log-histogram.ts'
import { durations, random } from '../support/random.ts'

const names = Object.keys(percentileShares) as (keyof typeof percentileShares)[]

function figuresOf(values: readonly number[]) {
  const distribution = createDistribution()
  for (const value of values) distribution.add(value)
  return distribution.figures()
}

/** The least value that at least the share of all reach; null where less than one value on average lies above. */
function byDefinition(values: readonly number[], share: number): number | null {
  const percent = Math.round(share * 100)
  if (values.length * (100 - percent) < 100) return null
  return values
    .toSorted((a, b) => a - b)
    .find((value) => {
      return values.filter((other) => other <= value).length * 100 >= percent * values.length
    }) as number
}

describe('the distribution of durations', () => {
  it('has the percentiles of the definition for each count up to 210', () => {
    const next = random(3)
    for (let count = 0; count <= 210; count += 1) {
      const values = durations(next, count).map((value) => Math.round(value))
      const figures = figuresOf(values)
      for (const name of names) expect(figures[name]).toBe(byDefinition(values, percentileShares[name]))
    }
  })

  it('is exact up to 10,000 values', () => {
    const values = durations(random(4), 10_000)
    const sorted = values.toSorted((a, b) => a - b)
    const figures = figuresOf(values)
    expect(figures.exact).toBe(true)
    expect([figures.p50, figures.p95, figures.p99]).toEqual([sorted[4_999], sorted[9_499], sorted[9_899]])
    expect(figures.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 10_000, 6)
  })

  it('tells percentiles of more values within the relative error, and the ends exactly', () => {
    const values = durations(random(5), 60_000)
    const sorted = values.toSorted((a, b) => a - b)
    const figures = figuresOf(values)
    expect(figures.exact).toBe(false)
    for (const name of names) {
      const exact = sorted[Math.ceil(60_000 * percentileShares[name] - 1e-9) - 1] ?? 0
      expect(Math.abs((figures[name] ?? 0) - exact) / exact).toBeLessThanOrEqual(relativeError + 1e-9)
    }
    expect([figures.min, figures.max]).toEqual([sorted[0], sorted.at(-1)])
  })

  it('has a histogram whose counts are those of the values below its bounds', () => {
    const values = durations(random(6), 500)
    let below = 0
    for (const [upperMs, count] of figuresOf(values).histogram) {
      below += count
      // The bounds are rounded to six digits.
      expect(values.filter((value) => value <= upperMs * (1 + 1e-5)).length).toBe(below)
    }
    expect(below).toBe(500)
  })

  it('bounds the median so that 95 of 100 intervals hold the true one, about', () => {
    const next = random(8)
    let held = 0
    for (let round = 0; round < 300; round += 1) {
      const { low = 0, high = 0 } = figuresOf(durations(next, 50)).intervals.p50 ?? {}
      if (low <= 60 && 60 <= high) held += 1
    }
    expect(held / 300).toBeGreaterThan(0.92)
  })

  it('knows nothing of no values', () => {
    const nothing = { p50: null, p75: null, p90: null, p95: null, p99: null }
    const ends = { count: 0, min: null, mean: null, max: null }
    expect(figuresOf([])).toEqual({ ...ends, ...nothing, histogram: [], intervals: nothing, exact: true })
  })
})
