import type { Observation } from '../observation/observation.ts'
import type { StartKind } from '../observation/start-kind.ts'
import { type Assessment, createAssessment, type Progress } from '../report/assessment.ts'
import type { Criterion } from '../report/criterion.ts'
import type { Evidence } from '../report/evidence.ts'
import type { Baseline } from '../report/read-baseline.ts'
import type { Report } from '../report/report.ts'
import type { LogWindow } from './log-findings.ts'

export interface Assessments {
  /** Undefined: one target more than can be told apart. */
  add(observation: Observation): StartKind | undefined
  progress(): readonly { readonly target: string; readonly progress: Progress }[]
  /** From the first to the last observation. */
  window(): LogWindow
  /** One for each target: good answers of one must not make up for bad ones of another. */
  finish(evidence: Evidence): readonly Report[]
}

/** Each takes some hundred kilobytes. */
const targetsMax = 100

/** `targets`: those that are reported on even if they were never probed. */
export function createAssessments(options: {
  targets: readonly string[]
  criteria: readonly Criterion[]
  baseline: Baseline | undefined
}): Assessments {
  const { criteria, baseline } = options
  const byTarget = new Map<string, Assessment>()
  for (const target of options.targets) byTarget.set(target, createAssessment({ target, criteria }))
  const window = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY }
  let beyond = 0

  return {
    add(observation) {
      const { target } = observation
      const atMs = Date.parse(observation.at)
      window.fromMs = Math.min(window.fromMs, atMs)
      window.toMs = Math.max(window.toMs, atMs)
      let assessment = byTarget.get(target)
      if (assessment === undefined) {
        if (byTarget.size >= targetsMax) {
          beyond += 1
          return undefined
        }
        assessment = createAssessment({ target, criteria })
        byTarget.set(target, assessment)
      }
      return assessment.add(observation)
    },
    progress: () => [...byTarget].map(([target, assessment]) => ({ target, progress: assessment.progress() })),
    window: () => (Number.isFinite(window.fromMs) ? window : undefined),
    finish(evidence) {
      const gap = `${beyond} observations were left out: they are of more than ${targetsMax} targets.`
      const complete = beyond === 0 ? evidence : { ...evidence, gaps: [...evidence.gaps, gap] }
      return [...byTarget.values()].map((assessment) =>
        assessment.finish({ evidence: complete, ...(baseline !== undefined && { baseline }) }),
      )
    },
  }
}
