/** What all charts share: title and description for who does not see it, axes, grid and legend. */
import { type ScaleContinuousNumeric, type ScaleTime, scaleLinear, scaleLog, scaleUtc } from 'd3-scale'
import { element, xmlText } from './svg.ts'
import { durationTick, timeTick } from './ticks.ts'

export const chartWidth = 760
export const margin = { top: 34, right: 14, bottom: 26, left: 58 } as const

export type DurationScale = ScaleContinuousNumeric<number, number>
export type TimeScale = ScaleTime<number, number>

/** Of a mark in the legend: drawn by the same class as in the chart. */
export interface LegendEntry {
  readonly text: string
  readonly shape: 'line' | 'dot' | 'triangle' | 'cross' | 'bar'
  readonly className: string
}

export interface ChartText {
  readonly title: string
  /** What it shows, in words, with the figures that matter. */
  readonly description: string
}

/** A whole `<svg>`; `content` is markup. Colours come from classes that the page defines (`chart-style.ts`). */
export function chart({ title, description }: ChartText, height: number, content: string): string {
  const id = `chart-${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`
  const text =
    element('title', { id: `${id}-title` }, xmlText(title)) +
    element('desc', { id: `${id}-desc` }, xmlText(description))
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    class: 'chart',
    role: 'img',
    viewBox: `0 0 ${chartWidth} ${height}`,
    'aria-labelledby': `${id}-title ${id}-desc`,
  }
  return element('svg', attributes, text + content)
}

export function timeScale(from: string, to: string): TimeScale {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)]
  // A single instant has no extent to draw.
  const domain = toMs > fromMs ? [fromMs, toMs] : [fromMs - 30_000, fromMs + 30_000]
  return scaleUtc(domain, [margin.left, chartWidth - margin.right])
}

/** Above it a linear axis would press the usual values of a run with a cold start into its lowest line. */
const linearUpToRatio = 20

/** Milliseconds to height. From 0 where the values allow it, else logarithmic. */
export function durationScale(values: readonly number[], height: number): DurationScale {
  const greatest = Math.max(1, ...values)
  const least = Math.max(0.1, Math.min(greatest, ...values))
  const range = [height - margin.bottom, margin.top]
  if (greatest / least <= linearUpToRatio) return scaleLinear([0, greatest * 1.05], range).nice(5)
  return scaleLog([least / 1.2, greatest * 1.2], range)
}

export function timeAxis(scale: TimeScale, height: number): string {
  const [from, to] = scale.domain().map(Number)
  const spanMs = (to ?? 0) - (from ?? 0)
  return scale
    .ticks(6)
    .map((at) => {
      const x = scale(at)
      return (
        element('line', {
          class: 'chart-tick',
          x1: x,
          x2: x,
          y1: height - margin.bottom,
          y2: height - margin.bottom + 4,
        }) + axisText(timeTick(at, spanMs), { x, y: height - 8, 'text-anchor': 'middle' })
      )
    })
    .join('')
}

export function durationAxis(scale: DurationScale): string {
  const all = scale.ticks(5)
  // A logarithmic scale gives each multiple of a power of ten.
  const ticks = all.length > 8 ? all.filter((tick) => /^[125]/.test(tick.toExponential())) : all
  const lines = ticks.map((tick) => {
    const y = scale(tick)
    return (
      element('line', { class: 'chart-grid', x1: margin.left, x2: chartWidth - margin.right, y1: y, y2: y }) +
      axisText(durationTick(tick), { x: margin.left - 6, y: y + 4, 'text-anchor': 'end' })
    )
  })
  const isLogarithmic = 'base' in scale
  const note = { x: chartWidth - margin.right, y: 18, 'text-anchor': 'end' }
  return lines.join('') + (isLogarithmic ? axisText('logarithmic scale', note) : '')
}

export const axisText = (text: string, attributes: Readonly<Record<string, string | number>>): string =>
  element('text', { class: 'chart-text', ...attributes }, xmlText(text))

/** One line above the chart. */
export function legend(entries: readonly LegendEntry[]): string {
  let x: number = margin.left
  return entries
    .map(({ text, shape, className }) => {
      const drawn = mark(shape, className, x + 8, 14) + axisText(text, { x: x + 20, y: 18 })
      x += 36 + text.length * 6.6
      return drawn
    })
    .join('')
}

export function mark(shape: LegendEntry['shape'], className: string, x: number, y: number): string {
  if (shape === 'line') return element('line', { class: className, x1: x - 8, x2: x + 8, y1: y, y2: y })
  if (shape === 'bar') return element('rect', { class: className, x: x - 5, y: y - 5, width: 10, height: 10 })
  if (shape === 'dot') return element('circle', { class: className, cx: x, cy: y, r: 2.5 })
  const around = (points: readonly (readonly [number, number])[]) =>
    points.map(([dx, dy], index) => `${index === 0 ? 'M' : 'L'}${(x + dx).toFixed(1)},${(y + dy).toFixed(1)}`).join('')
  const d =
    shape === 'triangle'
      ? `${around([
          [0, -5.5],
          [5, 4],
          [-5, 4],
        ])}Z`
      : `${around([
          [-4, -4],
          [4, 4],
        ])}${around([
          [-4, 4],
          [4, -4],
        ])}`
  return element('path', { class: className, d })
}
