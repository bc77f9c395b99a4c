import { exemplarText, familyHeader, labelText } from './exposition-text.ts'
import type { MetricDefinition } from './metric-definitions.ts'
import type { SpanIds } from './tracing.ts'

export interface HistogramFamily {
  /** Makes a series and returns what records seconds into it, with the span that took them where it was sampled. */
  series(labels: Readonly<Record<string, string | number>>): (seconds: number, span?: SpanIds) => void
  /** `exemplars`: with the last span of each bucket, which only OpenMetrics can tell. */
  text(exemplars?: boolean): string
}

/** The last span that fell into a bucket. */
interface Exemplar {
  readonly span: SpanIds
  readonly seconds: number
  readonly wallMs: number
}

/**
 * A histogram whose series keep their cells and their label text. The library's children look their labels up by a
 * built string at every observation and format all labels at every scrape: per statement that is too much, and at the
 * cap of series a scrape took as long as with the library's predecessor. Tests hold the text against the library's.
 */
export function createHistogramFamily(definition: MetricDefinition & { buckets: readonly number[] }): HistogramFamily {
  const { name, buckets } = definition
  const header = familyHeader(definition)
  const texts: ((exemplars: boolean) => string)[] = []
  const sumAt = buckets.length
  const countAt = buckets.length + 1
  return {
    series(labels) {
      const cells = new Float64Array(buckets.length + 2)
      const exemplars: (Exemplar | undefined)[] = []
      texts.push(seriesText(name, buckets, labels, cells, exemplars))
      return (seconds, span) => {
        // A clock that went wrong must not turn the sum into NaN for good.
        if (!(seconds >= 0)) return
        cells[sumAt] = (cells[sumAt] ?? 0) + seconds
        cells[countAt] = (cells[countAt] ?? 0) + 1
        const bucket = bucketOf(buckets, seconds)
        if (bucket < sumAt) cells[bucket] = (cells[bucket] ?? 0) + 1
        if (span !== undefined) exemplars[bucket] = { span, seconds, wallMs: Date.now() }
      }
    },
    text: (exemplars = false) => texts.reduce((text, series) => text + series(exemplars), header),
  }
}

/** The number of bounds when it lies above all of them. */
function bucketOf(buckets: readonly number[], seconds: number): number {
  let index = 0
  while (index < buckets.length && seconds > (buckets[index] ?? 0)) index += 1
  return index
}

/** `cells`: the count of each bucket alone, then the sum, then the count of all. A scrape shows buckets cumulated. */
function seriesText(
  name: string,
  buckets: readonly number[],
  labels: Readonly<Record<string, string | number>>,
  cells: Float64Array,
  exemplars: readonly (Exemplar | undefined)[],
): (withExemplars: boolean) => string {
  const starts = [...buckets, '+Inf'].map((le) => `${name}_bucket${labelText({ le, ...labels })} `)
  const own = labelText(labels)
  const sumStart = `${name}_sum${own} `
  const countStart = `${name}_count${own} `
  return (withExemplars) => {
    const exemplar = (index: number) => (withExemplars ? exemplarText(exemplars[index]) : '')
    const sum = cells[buckets.length] ?? 0
    const count = cells[buckets.length + 1] ?? 0
    let text = ''
    let cumulated = 0
    for (let index = 0; index < buckets.length; index += 1) {
      cumulated += cells[index] ?? 0
      text += `${starts[index]}${cumulated}${exemplar(index)}\n`
    }
    const last = `${starts[buckets.length]}${count}${exemplar(buckets.length)}\n`
    return `${text}${last}${sumStart}${sum}\n${countStart}${count}\n`
  }
}
