import { carriesPercentile } from '../statistics/nearest-rank.ts'
import { wilsonInterval } from '../statistics/wilson-interval.ts'
import type { Criterion, CriterionMetric } from './criterion.ts'
import type { MetricsFindings } from './evidence.ts'
import { measureStatements } from './measure-statements.ts'
import type { FirstCase, Population, PopulationFigures } from './population.ts'
import type { CriterionResult } from './report.ts'
import { counted, inMs, inPercent, inUtc, inWords } from './wording.ts'

/** What a criterion is judged by. */
export interface Measured {
  /** Null: there is nothing to judge by. */
  readonly value: number | null
  /** The other end, where it is only known that the value lies between both. */
  readonly orElse?: number
  readonly unit: CriterionResult['unit']
  readonly evidence: string
}

export interface Measurable {
  readonly figures: PopulationFigures
  readonly latency: Population['latency']
  /** Of `/metrics`, which can't be split by population; absent where it was not read or another one is judged. */
  readonly metrics: MetricsFindings | undefined
}

const measures: Readonly<Record<CriterionMetric, (from: Measurable, criterion: Criterion) => Measured>> = {
  health_latency_max_ms: ({ figures: { slowestAnswer, probes }, latency }) => {
    if (slowestAnswer === undefined) {
      return { value: null, unit: 'ms', evidence: `none of ${counted(probes, 'probe')} was answered` }
    }
    const slowest = `slowest of ${counted(latency.count, 'answer')}: ${inMs(slowestAnswer.ms)} at ${inUtc(slowestAnswer.at)}`
    return { value: slowestAnswer.ms, unit: 'ms', evidence: `${slowest}${unanswered(probes - latency.count)}` }
  },
  health_latency_p50_ms: percentile(0.5),
  health_latency_p95_ms: percentile(0.95),
  health_latency_p99_ms: percentile(0.99),
  database_connection_errors: ({ figures: { probes, connectionErrors, firstConnectionError, silentOfDatabase } }) => {
    const told = probes - silentOfDatabase
    const silence = silentOfDatabase === 0 ? '' : `; ${counted(silentOfDatabase, 'probe')} told nothing of the database`
    return {
      value: connectionErrors === 0 && told === 0 ? null : connectionErrors,
      unit: 'probes',
      evidence: `${cases(connectionErrors, probes, firstConnectionError)}${silence}`,
    }
  },
  unhealthy_answers: ({ figures: { probes, unhealthy, firstUnhealthy } }) => ({
    value: probes === 0 ? null : unhealthy,
    unit: 'probes',
    evidence: cases(unhealthy, probes, firstUnhealthy),
  }),
  gateway_errors: ({ figures: { probes, gatewayErrors, firstGatewayError }, latency }) => ({
    value: latency.count === 0 ? null : gatewayErrors,
    unit: 'probes',
    evidence: `${cases(gatewayErrors, probes, firstGatewayError)}${unanswered(probes - latency.count)}`,
  }),
  statement_latency_max_ms: measureStatements,
  availability: ({ figures: { ok, probes } }, { op, value }) => {
    const interval = wilsonInterval(ok, probes)
    if (interval === null) return { value: null, unit: 'ratio', evidence: 'there were no probes' }
    // As with a percentile: where not one bad probe would fit, their absence proves nothing.
    const tooFew = op.startsWith('>') && value < 1 && !carriesPercentile(probes, value)
    return {
      value: ok / probes,
      ...(tooFew ? { orElse: interval.low } : {}),
      unit: 'ratio',
      evidence: `${inWords(ok)} of ${counted(probes, 'probe')} were good: with 95 % confidence ${inPercent(interval.low)} to ${inPercent(interval.high)}`,
    }
  },
  cold_starts: ({ figures: { probes, cold } }) => ({
    value: probes === 0 ? null : cold,
    unit: 'probes',
    evidence: `${inWords(cold)} of ${counted(probes, 'probe')} waited for the start of a process`,
  }),
}

export function measureCriterion(criterion: Criterion, from: Measurable): Measured {
  return measures[criterion.metric](from, criterion)
}

function percentile(share: number) {
  return ({ latency }: Measurable): Measured => {
    const value = latency.percentile(share)
    const of = counted(latency.count, 'answer')
    const needed = inWords(Math.ceil(1 / (1 - share) - 1e-9))
    return { value, unit: 'ms', evidence: value === null ? `it takes ${needed} answers, there were ${of}` : `of ${of}` }
  }
}

function cases(count: number, probes: number, first: FirstCase | undefined): string {
  const of = `${inWords(count)} of ${counted(probes, 'probe')}`
  return first === undefined ? of : `${of}, first at ${inUtc(first.at)}: ${first.code}`
}

const unanswered = (count: number): string => (count === 0 ? '' : `; ${counted(count, 'probe')} got no answer at all`)
