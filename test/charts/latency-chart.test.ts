import { describe, expect, it } from 'vitest'
import { latencyChart } from '../../src/charts/latency-chart.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString()
const quiet = { from: at(0), to: at(10), title: 'Latency, the last 10 minutes' }
const point = (minute: number, p50Ms: number | null, cold = 0) => ({ at: at(minute), p50Ms, p95Ms: p50Ms, cold })

const pathOf = (svg: string, name: string) =>
  new RegExp(`class="chart-line ${name}" fill="none" d="([^"]*)"`).exec(svg)?.[1]

describe('the chart of latency over time', () => {
  it('is an image with a title and a description, named by both', () => {
    const svg = latencyChart({ ...quiet, points: [point(0, 40), point(5, 60, 2)] })
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" class="chart" role="img" /)
    expect(svg).toContain(
      'aria-labelledby="chart-latency-the-last-10-minutes-title chart-latency-the-last-10-minutes-desc"',
    )
    expect(svg).toContain('<title id="chart-latency-the-last-10-minutes-title">Latency, the last 10 minutes</title>')
    expect(svg).toContain('over 2 intervals, from 40 ms to 60 ms. Cold starts: 2.</desc>')
  })

  it('needs no style, script or reference that a strict policy would refuse', () => {
    const svg = latencyChart({ ...quiet, points: [point(0, 40, 1)] })
    expect(svg).not.toMatch(/ style=|<style|<script|href=|url\(|\son\w+=/)
  })

  it('draws from the left edge to the right one, from 0 where the values allow it', () => {
    const svg = latencyChart({ ...quiet, points: [point(0, 50), point(5, 100), point(10, 50)] })
    // 688 wide from 58; 0 at 234, and 120, the round value above 105, at 34.
    expect(pathOf(svg, 'chart-p50')).toBe('M58,150.7L402,67.3L746,150.7')
  })

  it('has a gap where nothing is known', () => {
    const svg = latencyChart({
      ...quiet,
      points: [point(0, 50), point(1, 60), point(2, null), point(3, 50), point(4, 60)],
    })
    expect(pathOf(svg, 'chart-p50')?.match(/M/g)).toHaveLength(2)
  })

  it('marks each interval with a cold start, and has no legend for what is not there', () => {
    const warm = latencyChart({ ...quiet, points: [point(0, 50)] })
    expect(warm).not.toContain('chart-cold')
    const cold = latencyChart({ ...quiet, points: [point(0, 50, 1), point(5, 50, 3), point(6, 50)] })
    // Two marks, and one in the legend.
    expect(cold.match(/class="chart-cold"/g)).toHaveLength(3)
  })

  it('turns logarithmic where a cold start would press the rest into the axis', () => {
    const svg = latencyChart({ ...quiet, points: [point(0, 10), point(5, 100), point(10, 1_000)] })
    const heights = [...(pathOf(svg, 'chart-p50') ?? '').matchAll(/,([\d.]+)/g)].map(([, y]) => Number(y))
    const [low = 0, middle = 0, high = 0] = heights
    expect(low - middle).toBeCloseTo(middle - high, 0)
    expect(svg).toContain('>logarithmic scale<')
    expect(latencyChart({ ...quiet, points: [point(0, 50)] })).not.toContain('logarithmic')
  })

  it('is whole without any point, and within a single instant', () => {
    expect(latencyChart({ ...quiet, points: [] })).toContain('No latency is known in this time. Cold starts: 0.')
    const instant = latencyChart({ ...quiet, to: quiet.from, points: [point(0, 50)] })
    expect(pathOf(instant, 'chart-p50')).toMatch(/^M402,/)
    expect(instant).not.toContain('NaN')
  })
})
