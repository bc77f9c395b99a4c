import { familyHeader, labelText } from './exposition-text.ts'
import type { MetricDefinition } from './metric-definitions.ts'

export interface CounterFamily {
  /** Makes a series, at 0, and returns what adds one to it. */
  series(labels: Readonly<Record<string, string>>): () => void
  text(): string
}

/** A counter whose series keep their cell and their label text (why: histogram-family.ts). */
export function createCounterFamily(definition: MetricDefinition): CounterFamily {
  const header = familyHeader(definition)
  const lines: (() => string)[] = []
  return {
    series(labels) {
      const start = `${definition.name}${labelText(labels)} `
      let value = 0
      lines.push(() => `${start}${value}\n`)
      return () => {
        value += 1
      }
    },
    text: () => lines.reduce((text, line) => text + line(), header),
  }
}
