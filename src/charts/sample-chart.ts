/** Each probe of a short run as one mark. */
import {
  chart,
  type DurationScale,
  durationAxis,
  durationScale,
  type LegendEntry,
  legend,
  margin,
  mark,
  type TimeScale,
  timeAxis,
  timeScale,
} from './chart-frame.ts'
import { element } from './svg.ts'

const sampleLooks = {
  warm: { text: 'warm', shape: 'dot', className: 'chart-warm' },
  unclassified: { text: 'unclassified', shape: 'dot', className: 'chart-other' },
  cold: { text: 'cold start', shape: 'triangle', className: 'chart-cold' },
  resume: { text: 'resume', shape: 'bar', className: 'chart-resume' },
  bad: { text: 'not good', shape: 'cross', className: 'chart-bad' },
} as const satisfies Readonly<Record<string, LegendEntry>>
export type SampleLook = keyof typeof sampleLooks

export interface SamplePoint {
  readonly at: string
  /** Null: no answer; its mark is at the upper edge. */
  readonly ms: number | null
  readonly look: SampleLook
}

export interface SampleChartOptions {
  readonly points: readonly SamplePoint[]
  /** Shaded: from the last good to the first good probe. */
  readonly outages: readonly { readonly from: string; readonly to: string }[]
  readonly from: string
  readonly to: string
  readonly title: string
  readonly description: string
}

const height = 280

export function sampleChart({ points, outages, from, to, ...text }: SampleChartOptions): string {
  const x = timeScale(from, to)
  const y = durationScale(
    points.flatMap(({ ms }) => ms ?? []),
    height,
  )
  const looks = (Object.keys(sampleLooks) as SampleLook[]).filter((look) => points.some((point) => point.look === look))
  const content = [
    ...outages.map((outage) => shade(outage, x)),
    durationAxis(y),
    timeAxis(x, height),
    ...points.map((point) => drawn(point, x, y)),
    legend(looks.map((look) => sampleLooks[look])),
  ]
  return chart(text, height, content.join(''))
}

function shade({ from, to }: { readonly from: string; readonly to: string }, x: TimeScale): string {
  const [left, right] = [x(Date.parse(from)), x(Date.parse(to))]
  const size = { width: Math.max(2, right - left), height: height - margin.top - margin.bottom }
  return element('rect', { class: 'chart-outage', x: left, y: margin.top, ...size })
}

function drawn({ at, ms, look }: SamplePoint, x: TimeScale, y: DurationScale): string {
  const { shape, className } = sampleLooks[look]
  return mark(shape, className, x(Date.parse(at)), ms === null ? margin.top + 6 : y(ms))
}
