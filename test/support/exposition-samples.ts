/** The samples of a scrape in the Prometheus text format, by metric name with its labels as they stand there. */
export type Samples = ReadonlyMap<string, number>

export function samplesOf(exposition: string): Samples {
  const lines = exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const valueAt = line.lastIndexOf(' ')
      return [line.slice(0, valueAt), Number(line.slice(valueAt + 1))]
    }),
  )
}

/** The samples of one metric: its labels' part, or '' without labels, and the value. */
export function samplesNamed(samples: Samples, name: string): [labels: string, value: number][] {
  return [...samples].flatMap(([series, value]): [string, number][] => {
    if (series !== name && !series.startsWith(`${name}{`)) return []
    return [[series.slice(name.length), value]]
  })
}

export const labelNames = (labels: string): string[] => [...labels.matchAll(/(\w+)="/g)].map(([, name = '']) => name)
