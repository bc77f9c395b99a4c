import { familyHeader, labelText } from './exposition-text.ts'
import type { MetricDefinition } from './metric-definitions.ts'

export interface HistogramFamily {
  /** Makes a series and returns what records seconds into it. */
  series(labels: Readonly<Record<string, string | number>>): (seconds: number) => void
  text(): string
}

/**
 * A histogram whose series keep their cells and their label text. The library's children look their labels up by a
 * built string at every observation and format all labels at every scrape: per statement that is too much, and at the
 * cap of series a scrape took as long as with the library's predecessor. Tests hold the text against the library's.
 */
export function createHistogramFamily(definition: MetricDefinition & { buckets: readonly number[] }): HistogramFamily {
  const { name, buckets } = definition
  const header = familyHeader(definition)
  const texts: (() => string)[] = []
  const sumAt = buckets.length
  const countAt = buckets.length + 1
  return {
    series(labels) {
      const cells = new Float64Array(buckets.length + 2)
      texts.push(seriesText(name, buckets, labels, cells))
      return (seconds) => {
        // A clock that went wrong must not turn the sum into NaN for good.
        if (!(seconds >= 0)) return
        cells[sumAt] = (cells[sumAt] ?? 0) + seconds
        cells[countAt] = (cells[countAt] ?? 0) + 1
        for (let index = 0; index < sumAt; index += 1) {
          if (seconds <= (buckets[index] ?? 0)) {
            cells[index] = (cells[index] ?? 0) + 1
            return
          }
        }
      }
    },
    text: () => texts.reduce((text, series) => text + series(), header),
  }
}

/** `cells`: the count of each bucket alone, then the sum, then the count of all. A scrape shows buckets cumulated. */
function seriesText(
  name: string,
  buckets: readonly number[],
  labels: Readonly<Record<string, string | number>>,
  cells: Float64Array,
): () => string {
  const starts = [...buckets, '+Inf'].map((le) => `${name}_bucket${labelText({ le, ...labels })} `)
  const own = labelText(labels)
  const sumStart = `${name}_sum${own} `
  const countStart = `${name}_count${own} `
  return () => {
    const sum = cells[buckets.length] ?? 0
    const count = cells[buckets.length + 1] ?? 0
    let text = ''
    let cumulated = 0
    for (let index = 0; index < buckets.length; index += 1) {
      cumulated += cells[index] ?? 0
      text += `${starts[index]}${cumulated}\n`
    }
    return `${text}${starts[buckets.length]}${count}\n${sumStart}${sum}\n${countStart}${count}\n`
  }
}
