import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Observation } from '../../src/observation/observation.ts'
import { createAssessment } from '../../src/report/assessment.ts'
import { type Criterion, defaultCriteria } from '../../src/report/criterion.ts'
import type { Evidence } from '../../src/report/evidence.ts'
import type { Baseline } from '../../src/report/read-baseline.ts'
import type { Report } from '../../src/report/report.ts'

/**
 * 42 probes, one each 15 s from 10:00:00. Counted from 0: a cold start (0), a resume (10), the database gone (15 told
 * degraded, 16 to 18 unhealthy), a deploy behind an answer of the proxy (22), an offline prober (26), another machine
 * (27, 28), a time-out with a restart (29, 30), and a probe of the service by itself (40).
 */
export const recordedRun: readonly Observation[] = readFileSync(join(import.meta.dirname, 'recorded-run.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line): Observation => JSON.parse(line))

export function assess(
  observations: readonly Observation[],
  { evidence = { gaps: [] }, baseline, criteria = defaultCriteria }: AssessedWith = {},
): Report {
  const assessment = createAssessment({ target: 'https://medio.example/api/health', criteria })
  for (const observation of observations) assessment.add(observation)
  return assessment.finish({ evidence, ...(baseline === undefined ? {} : { baseline }) })
}

interface AssessedWith {
  readonly evidence?: Evidence
  readonly baseline?: Baseline
  readonly criteria?: readonly Criterion[]
}
