import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/observation/observation.ts'
import type { Criterion, CriterionMetric } from '../../src/report/criterion.ts'
import type { MetricsFindings } from '../../src/report/evidence.ts'
import { renderMarkdown } from '../../src/report/format/markdown.ts'
import { assess, recordedRun } from './recorded-run.ts'

function judged(
  metric: CriterionMetric,
  [op, value]: readonly [Criterion['op'], number],
  { metrics, observations = recordedRun }: { metrics?: MetricsFindings; observations?: readonly Observation[] } = {},
) {
  const evidence = { gaps: [], ...(metrics === undefined ? {} : { metrics }) }
  const criteria = [{ id: 'C', metric, op, value, population: 'all' } as const]
  const [result] = assess(observations, { evidence, criteria }).criteria
  return [result?.value, result?.verdict]
}

const good = (count: number): Observation[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ id: `id-${index}`, at: new Date(1_763_805_600_000 + index * 1_000).toISOString(), target: 'api', source: 'p' },
    ...{ durationMs: 100, statusCode: 200, healthStatus: 'healthy' },
  }))

const statements = (counts: readonly [number, number, number], count = counts[2]): MetricsFindings => ({
  statements: {
    ...{ count, failed: 0, meanMs: 3 },
    buckets: [0.1, 0.5, 1].map((upperSeconds, index) => ({ upperSeconds, count: counts[index] ?? 0 })),
  },
  reset: false,
})

describe('a criterion', () => {
  it.each([
    ['health_latency_max_ms', '<', 2_140, 2_140, 'not_met'],
    ['health_latency_max_ms', '<=', 2_140, 2_140, 'met'],
    ['health_latency_p50_ms', '<', 67, 66, 'met'],
    ['health_latency_p95_ms', '<', 430, 430, 'not_met'],
    ['health_latency_p99_ms', '<', 10_000, null, 'not_enough_data'],
    ['cold_starts', '<=', 1, 1, 'met'],
    ['cold_starts', '=', 0, 1, 'not_met'],
    ['gateway_errors', '<', 5, 4, 'met'],
    ['availability', '>=', 0.9, 0.875, 'not_met'],
    ['availability', '>=', 0.8, 0.875, 'met'],
    ['availability', '>', 0.875, 0.875, 'not_met'],
  ] as const)('on %s %s %d finds %d in the recorded run: %s', (metric, op, target, value, verdict) => {
    expect(judged(metric, [op, target])).toEqual([value, verdict])
  })

  it('on availability is not met by the absence of failures among too few probes', () => {
    expect(judged('availability', ['>=', 0.99], { observations: good(99) })).toEqual([1, 'not_enough_data'])
    expect(judged('availability', ['>=', 0.99], { observations: good(100) })).toEqual([1, 'met'])
  })

  it('on an availability of 1 asks only that there was no failure, since no count could prove it', () => {
    expect(judged('availability', ['>=', 1], { observations: good(3) })).toEqual([1, 'met'])
  })

  it('on statements takes the bucket of /metrics that holds the slowest', () => {
    expect(judged('statement_latency_max_ms', ['<', 500], { metrics: statements([90, 100, 100]) })).toEqual([
      100,
      'met',
    ])
    expect(judged('statement_latency_max_ms', ['<', 500], { metrics: statements([90, 99, 100]) })).toEqual([
      500,
      'not_met',
    ])
    expect(judged('statement_latency_max_ms', ['<', 500], { metrics: statements([90, 99, 99], 100) })).toEqual([
      1_000,
      'not_met',
    ])
  })

  it('on statements can’t be told where the bound lies within that bucket', () => {
    expect(judged('statement_latency_max_ms', ['<', 300], { metrics: statements([90, 100, 100]) })).toEqual([
      100,
      'not_enough_data',
    ])
  })

  it('on statements has nothing to judge by where no answer told a time', () => {
    expect(judged('statement_latency_max_ms', ['<', 500], { observations: good(20) })).toEqual([
      null,
      'not_enough_data',
    ])
  })

  it.each([
    ['timeout', 1],
    ['connection_refused', 1],
    ['connection_lost', 1],
    ['dns_failed', 1],
    ['tls_failed', 1],
    ['auth_failed', 1],
    ['too_many_connections', 1],
    ['pool_exhausted', 1],
    ['read_only', 0],
    ['check_failed', 0],
  ])('on the database counts the code %s as %i probes that could not reach it', (code, count) => {
    const told = good(1).map((observation) => ({
      ...observation,
      healthStatus: 'degraded',
      reasons: [{ check: 'database', code }],
    }))
    expect(judged('database_connection_errors', ['<', 2], { observations: told })).toEqual([count, 'met'])
    const other = good(1).map((observation) => ({ ...observation, reasons: [{ check: 'redis', code }] }))
    expect(judged('database_connection_errors', ['<', 2], { observations: other })).toEqual([0, 'met'])
  })

  it('on the database can’t be told where every probe was silent of it', () => {
    const silent = good(3).map((observation) => ({ ...observation, healthStatus: 'degraded' }))
    expect(judged('database_connection_errors', ['=', 0], { observations: silent })).toEqual([null, 'not_enough_data'])
    expect(judged('database_connection_errors', ['=', 0], { observations: good(3) })).toEqual([0, 'met'])
  })
})

describe('the verdict', () => {
  const slow = { id: 'slow', metric: 'health_latency_max_ms', op: '<', value: 1_000 } as const
  const p99 = { id: 'p99', metric: 'health_latency_p99_ms', op: '<', value: 10_000 } as const

  it('is that of all answers where a criterion is judged over both', () => {
    const report = assess(recordedRun, { criteria: [slow] })
    expect(report.criteria.map(({ verdict, decides }) => [verdict, decides])).toEqual([
      ['not_met', true],
      ['met', false],
    ])
    expect(report.verdict).toBe('not_met')
  })

  it('is that of warm answers where the criterion asks for them', () => {
    expect(assess(recordedRun, { criteria: [{ ...slow, population: 'warm' }] }).verdict).toBe('met')
  })

  it('leaves out and names what nothing tells of, where the criterion says so', () => {
    const silent = assess(good(20))
    expect(silent.verdict).toBe('met')
    expect(silent.criteria.map(({ verdict }) => verdict)).toContain('not_enough_data')
    expect(renderMarkdown(silent)).toContain('**The criteria are met: not judged, since nothing told: SC-010.**')
    const strict = { id: 'SC-010', metric: 'statement_latency_max_ms', op: '<', value: 500 } as const
    expect(assess(good(20), { criteria: [strict, slow] }).verdict).toBe('not_enough_data')
    expect(assess(good(20), { criteria: [{ ...strict, ifKnown: true }] }).verdict).toBe('not_enough_data')
    expect(assess(recordedRun, { criteria: [{ ...strict, ifKnown: true, value: 40 }] }).verdict).toBe('not_met')
  })

  it('is not met where one criterion is broken and another is not known', () => {
    expect(assess(recordedRun, { criteria: [slow, p99] }).verdict).toBe('not_met')
    expect(assess(recordedRun, { criteria: [p99, { ...slow, value: 3_000 }] }).verdict).toBe('not_enough_data')
  })
})
