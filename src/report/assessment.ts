import type { Observation } from '../observation/observation.ts'
import type { StartKind } from '../observation/start-kind.ts'
import type { Criterion } from './criterion.ts'
import type { Evidence } from './evidence.ts'
import type { Baseline } from './read-baseline.ts'
import type { Report } from './report.ts'

/** For a line on a terminal. A percentile is null where the count can't carry it. */
export interface Progress {
  readonly observations: number
  readonly ok: number
  readonly failed: number
  readonly cold: number
  readonly resume: number
  readonly warm: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
}

/** Reads observations once, in the order of their probes, and keeps of them only what has a bound. */
export interface Assessment {
  add(observation: Observation): StartKind
  progress(): Progress
  finish(beside: { readonly evidence: Evidence; readonly baseline?: Baseline }): Report
}

export interface AssessmentOptions {
  /** As the report names it. */
  readonly target: string
  readonly criteria: readonly Criterion[]
}

export function createAssessment({ target }: AssessmentOptions): Assessment {
  throw new Error(`the assessment of ${target} is not built yet`)
}
