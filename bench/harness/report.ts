/** Results as Markdown, so that a run can be pasted into docs/benchmarks.md. */
import type { Results } from './rounds.ts'
import { median } from './statistics.ts'

export interface Column {
  readonly key: string
  readonly title: string
  readonly digits: number
}

export interface Mark {
  readonly what: string
  readonly value: number
  readonly atMost?: number
  readonly atLeast?: number
  readonly unit?: string
  readonly digits?: number
}

/** Each cell: median of the rounds [least to most], then the ratio of medians to `peer`. */
export function printTable(results: Results, columns: readonly Column[], peer: string): void {
  print(`| | ${columns.map(({ title }) => `${title} | ×`).join(' | ')} |`)
  print(`|---|${'---|---|'.repeat(columns.length)}`)
  for (const name of Object.keys(results)) {
    const cells = columns.flatMap(({ key, digits }) => {
      const values = valuesOf(results, name, key)
      if (values.length === 0) return ['', '']
      const spread = `[${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}]`
      return [`${median(values).toFixed(digits)} ${spread}`, timesPeer(ratio(results, key, name, peer))]
    })
    print(`| ${name} | ${cells.join(' | ')} |`)
  }
}

export function medianOf(results: Results, name: string, key: string): number {
  return median(valuesOf(results, name, key))
}

export function worstOf(results: Results, name: string, key: string): number {
  return Math.max(...valuesOf(results, name, key))
}

/** Ratio of medians. */
export function ratio(results: Results, key: string, name: string, peer: string): number {
  return medianOf(results, name, key) / medianOf(results, peer, key)
}

export function printMark({ what, value, atMost, atLeast, unit = '×', digits = 2 }: Mark): void {
  const met = value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY)
  const bound = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`
  print(`- ${met ? 'met' : '**NOT MET**'}: ${what}: ${value.toFixed(digits)} ${unit} (mark: ${bound})`)
}

export function print(line = ''): void {
  process.stdout.write(`${line}\n`)
}

/** Nothing to compare with where the peer's figure is 0. */
function timesPeer(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : ''
}

export function valuesOf(results: Results, name: string, key: string): number[] {
  return (results[name] ?? []).flatMap((sample) => sample[key] ?? [])
}
