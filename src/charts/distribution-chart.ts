/** How many answers took how long: columns over a logarithmic axis, since one cold start is worth many warm answers. */
import { scaleLinear, scaleLog } from 'd3-scale'
import { axisText, chart, chartWidth, type LegendEntry, legend, margin } from './chart-frame.ts'
import { element } from './svg.ts'
import { durationTick } from './ticks.ts'

export interface DistributionPart {
  readonly text: string
  readonly className: string
  /** Upper bound in milliseconds, and count. */
  readonly histogram: readonly (readonly [upperMs: number, count: number])[]
}

export interface DistributionChartOptions {
  /** Drawn on top of each other, the first at the bottom. */
  readonly parts: readonly DistributionPart[]
  readonly title: string
  readonly description: string
}

const height = 240
const columns = 48

export function distributionChart({ parts, ...text }: DistributionChartOptions): string {
  const bounds = parts.flatMap(({ histogram }) => histogram.map(([upperMs]) => upperMs))
  const [least, greatest] = [Math.min(...bounds) / 1.1, Math.max(...bounds) * 1.1]
  const x = scaleLog([least, greatest], [margin.left, chartWidth - margin.right])
  const width = (chartWidth - margin.left - margin.right) / columns
  const columnOf = (ms: number) => Math.min(columns - 1, Math.floor((x(ms) - margin.left) / width))
  const heights = parts.map(({ histogram }) => {
    const counts = new Array<number>(columns).fill(0)
    for (const [upperMs, count] of histogram) counts[columnOf(upperMs)] = (counts[columnOf(upperMs)] ?? 0) + count
    return counts
  })
  const sums = Array.from({ length: columns }, (_, column) =>
    heights.reduce((sum, part) => sum + (part[column] ?? 0), 0),
  )
  const y = scaleLinear([0, Math.max(1, ...sums)], [height - margin.bottom, margin.top]).nice(4)
  const reached = new Array<number>(columns).fill(0)
  const bars = parts.flatMap(({ className }, part) =>
    sums.map((_, column) => {
      const [below, count] = [reached[column] ?? 0, heights[part]?.[column] ?? 0]
      reached[column] = below + count
      if (count === 0) return ''
      const box = { x: margin.left + column * width + 0.5, width: width - 1 }
      return element('rect', { class: className, ...box, y: y(below + count), height: y(below) - y(below + count) })
    }),
  )
  const entries: LegendEntry[] = parts.map(({ text: name, className }) => ({ text: name, shape: 'bar', className }))
  return chart(text, height, [countAxis(y), durationMarks(x), ...bars, legend(entries)].join(''))
}

function countAxis(y: ReturnType<typeof scaleLinear<number, number>>): string {
  const ticks = y.ticks(4).filter((tick) => Number.isInteger(tick))
  return ticks
    .map((tick) => {
      const ends = { x1: margin.left, x2: chartWidth - margin.right, y1: y(tick), y2: y(tick) }
      const label = { x: margin.left - 6, y: y(tick) + 4, 'text-anchor': 'end' }
      return element('line', { class: 'chart-grid', ...ends }) + axisText(String(tick), label)
    })
    .join('')
}

function durationMarks(x: ReturnType<typeof scaleLog<number, number>>): string {
  const all = x.ticks(8)
  const round = all.filter((tick) => /^[125]/.test(tick.toExponential()))
  return (round.length >= 2 ? round : all)
    .map((tick) => {
      const ends = { x1: x(tick), x2: x(tick), y1: height - margin.bottom, y2: height - margin.bottom + 4 }
      const label = { x: x(tick), y: height - 8, 'text-anchor': 'middle' }
      return element('line', { class: 'chart-tick', ...ends }) + axisText(durationTick(tick), label)
    })
    .join('')
}
