/** The value of each series of a scrape, by metric name and labels as they stand there. */
export type Scrape = ReadonlyMap<string, number>

export interface SeriesName {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/**
 * The Prometheus text format: https://prometheus.io/docs/instrumenting/exposition_formats/. Own code, because the one
 * parser there is on npm has not been kept since 2020, and turns histograms into a shape of its own.
 */
const sample = /^([a-zA-Z_:][\w:]*)(\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?[ \t]+(\S+)/
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g

/** Undefined when there is not one sample in it: some other page. */
export function readScrape(text: string): Scrape | undefined {
  const scrape = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [, name = '', labels = '', value = ''] = sample.exec(line) ?? []
    if (name !== '') scrape.set(name + labels, numberOf(value))
  }
  return scrape.size === 0 ? undefined : scrape
}

export function readSeries(series: string): SeriesName {
  const braceAt = series.indexOf('{')
  if (braceAt < 0) return { name: series, labels: {} }
  const pairs = series.slice(braceAt).matchAll(label)
  return {
    name: series.slice(0, braceAt),
    labels: Object.fromEntries([...pairs].map(([, key = '', text = '']) => [key, unescaped(text)])),
  }
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  if (text === '-Inf') return Number.NEGATIVE_INFINITY
  return Number(text)
}

const unescaped = (text: string) => text.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
