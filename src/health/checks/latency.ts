import type { Measurement } from '../check.ts'

/** How long an answer took, in milliseconds with one decimal; `startedAtMs` comes from `performance.now()`. */
export function latencySince(startedAtMs: number): Measurement {
  return { observedValue: Math.round((performance.now() - startedAtMs) * 10) / 10, observedUnit: 'ms' }
}
