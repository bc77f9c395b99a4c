import { readSeries, type Scrape, type SeriesName } from './exposition.ts'

export interface CounterIncrease {
  /** The next scrape of the same target. */
  add(scrape: Scrape): void
  /** How much each series of this name grew since the first scrape; undefined when it was in no scrape. */
  of(name: string): readonly { readonly labels: SeriesName['labels']; readonly increase: number }[] | undefined
  /** A counter went down: another process answered. What it had counted since the last scrape is not in the figures. */
  reset(): boolean
}

/** Enough for any service of ours, whose own limit is 2,000. */
const seriesMax = 20_000

interface Grown {
  readonly series: SeriesName
  last: number
  increase: number
}

/**
 * As PromQL's increase(), without its extrapolation: a counter that went down began anew from 0, and a series that turns
 * up later did so too, unless its counter is `kept` over restarts and was not known until then. The figures are what was
 * surely counted.
 */
export function createCounterIncrease(options: {
  names: ReadonlySet<string>
  kept: ReadonlySet<string>
}): CounterIncrease {
  const { names, kept } = options
  const grown = new Map<string, Grown>()
  const seenNames = new Set<string>()
  let scrapes = 0
  let wasReset = false

  function begin(key: string, series: SeriesName, value: number): void {
    if (grown.size >= seriesMax) return
    // What is there at the first look was counted before the run.
    const isNew = scrapes > 0 && (!kept.has(series.name) || seenNames.has(series.name))
    grown.set(key, { series, last: value, increase: isNew ? value : 0 })
  }

  function goOn(entry: Grown, value: number): void {
    const isReset = value < entry.last
    wasReset ||= isReset
    entry.increase += isReset ? value : value - entry.last
    entry.last = value
  }

  return {
    add(scrape) {
      const found: string[] = []
      for (const [key, value] of scrape) {
        const series = readSeries(key)
        if (!names.has(series.name) || !Number.isFinite(value)) continue
        found.push(series.name)
        const entry = grown.get(key)
        if (entry === undefined) begin(key, series, value)
        else goOn(entry, value)
      }
      for (const name of found) seenNames.add(name)
      scrapes += 1
    },
    of(name) {
      const found = [...grown.values()].filter(({ series }) => series.name === name)
      return found.length === 0 ? undefined : found.map(({ series, increase }) => ({ labels: series.labels, increase }))
    },
    reset: () => wasReset,
  }
}
