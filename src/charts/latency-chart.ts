/** Percentiles over time, with a mark where somebody waited for a cold start. */
import { line } from 'd3-shape'
import {
  chart,
  durationAxis,
  durationScale,
  type LegendEntry,
  legend,
  margin,
  mark,
  timeAxis,
  timeScale,
} from './chart-frame.ts'
import { short } from './svg.ts'
import { durationTick } from './ticks.ts'

export interface LatencyPoint {
  /** ISO 8601: the begin of an interval. */
  readonly at: string
  /** Null: nothing was answered, or too little for the percentile; the line has a gap. */
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  /** Cold starts in the interval. */
  readonly cold: number
}

export interface LatencyChartOptions {
  readonly points: readonly LatencyPoint[]
  /** ISO 8601: the ends of the time axis. */
  readonly from: string
  readonly to: string
  readonly title: string
}

const height = 260

/** An `<svg>` without scripts, styles or ids that depend on more than the title. */
export function latencyChart({ points, from, to, title }: LatencyChartOptions): string {
  const values = points.flatMap(({ p50Ms, p95Ms }) => [p50Ms, p95Ms]).filter((value) => value !== null)
  const x = timeScale(from, to)
  const y = durationScale(values, height)
  const xOf = ({ at }: LatencyPoint) => x(Date.parse(at))
  const path = (name: 'p50Ms' | 'p95Ms') => {
    const drawn = line<LatencyPoint>(xOf, (point) => y(point[name] ?? 0)).defined((point) => point[name] !== null)
    // A point between two gaps has no line; its round cap shows it.
    return drawn.digits(1)(points) ?? ''
  }
  const cold = points.filter((point) => point.cold > 0)
  const entries: LegendEntry[] = [
    { text: 'p50', shape: 'line', className: 'chart-line chart-p50' },
    { text: 'p95', shape: 'line', className: 'chart-line chart-p95' },
    ...(cold.length > 0 ? [{ text: 'cold start', shape: 'triangle', className: 'chart-cold' } as const] : []),
  ]
  const content = [
    durationAxis(y),
    timeAxis(x, height),
    `<path class="chart-line chart-p95" fill="none" d="${path('p95Ms')}"/>`,
    `<path class="chart-line chart-p50" fill="none" d="${path('p50Ms')}"/>`,
    ...cold.map((point) => mark('triangle', 'chart-cold', Number(short(xOf(point))), height - margin.bottom - 6)),
    legend(entries),
  ]
  return chart({ title, description: description(points, values) }, height, content.join(''))
}

function description(points: readonly LatencyPoint[], values: readonly number[]): string {
  const starts = points.reduce((sum, { cold }) => sum + cold, 0)
  if (values.length === 0) return `No latency is known in this time. Cold starts: ${starts}.`
  const range = `${durationTick(Math.min(...values))} to ${durationTick(Math.max(...values))}`
  return `Median and 95th percentile over ${points.length} intervals, from ${range}. Cold starts: ${starts}.`
}
