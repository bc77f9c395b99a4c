import { samplesOf } from './exposition-samples.ts'

export interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** The series of a scrape, with the labels that Prometheus adds for its target. */
export function seriesOf(exposition: string): Series[] {
  return [...samplesOf(exposition).keys()].map((key) => {
    const brace = key.indexOf('{')
    const name = brace === -1 ? key : key.slice(0, brace)
    const pairs = [...key.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', value = '']) => [label, value])
    return { name, labels: { instance: 'test:9091', job: 'medio', ...Object.fromEntries(pairs) } }
  })
}
