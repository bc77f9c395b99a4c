import type { Criterion, CriterionMetric, Verdict } from './criterion.ts'
import { type Measurable, type Measured, measureCriterion } from './measure-criterion.ts'
import type { CriterionResult } from './report.ts'

const metricNames: Readonly<Record<CriterionMetric, string>> = {
  health_latency_max_ms: 'slowest answer',
  health_latency_p50_ms: 'p50 of answers',
  health_latency_p95_ms: 'p95 of answers',
  health_latency_p99_ms: 'p99 of answers',
  database_connection_errors: 'database not reached',
  unhealthy_answers: 'not healthy',
  gateway_errors: '502 or 503',
  statement_latency_max_ms: 'slowest statement',
  availability: 'availability',
  cold_starts: 'cold starts',
}

/** Over the population that the criterion names, else over both; what it was not asked to judge by does not decide. */
export function judgeCriterion(
  criterion: Criterion,
  populations: Readonly<Record<'all' | 'warm', Measurable>>,
): CriterionResult[] {
  const { id, op, value, metric, population: named, ifKnown = false } = criterion
  // Among warm ones there is no cold start, whatever happens.
  const both = metric === 'cold_starts' ? (['all'] as const) : (['all', 'warm'] as const)
  return (named === undefined ? both : [named]).map((population) => {
    const measured = measureCriterion(criterion, populations[population])
    return {
      ...{ id, population, what: metricNames[metric], target: `${op} ${value}` },
      value: measured.value,
      unit: measured.unit,
      verdict: verdictOf(criterion, measured),
      evidence: measured.evidence,
      decides: population === (named ?? 'all') && !(ifKnown && measured.value === null),
    }
  })
}

/** Of all that decide: one that is broken is broken, whatever is not known of the others. */
export function overallVerdict(results: readonly CriterionResult[]): Verdict {
  const deciding = results.filter(({ decides }) => decides).map(({ verdict }) => verdict)
  if (deciding.includes('not_met')) return 'not_met'
  return deciding.length === 0 || deciding.includes('not_enough_data') ? 'not_enough_data' : 'met'
}

function verdictOf(criterion: Criterion, { value, orElse }: Measured): Verdict {
  if (value === null) return 'not_enough_data'
  const holdsHere = holds(criterion, value)
  if (holdsHere === holds(criterion, orElse ?? value)) return holdsHere ? 'met' : 'not_met'
  return 'not_enough_data'
}

function holds({ op, value: target }: Criterion, value: number): boolean {
  if (op === '<') return value < target
  if (op === '<=') return value <= target
  if (op === '>') return value > target
  if (op === '>=') return value >= target
  return value === target
}
