import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/observation/observation.ts'
import type { Evidence } from '../../src/report/evidence.ts'
import { findingRules } from '../../src/report/findings.ts'
import type { Report } from '../../src/report/report.ts'
import { recordedEvidence } from './recorded-evidence.ts'
import { assess, recordedRun } from './recorded-run.ts'

const found = (report: Report, rule: string) => report.findings.find((finding) => finding.rule === rule)?.evidence

/** Two machines that take turns, one answer a minute. */
const calm: readonly Observation[] = Array.from({ length: 120 }, (_, index) => ({
  ...{ id: `id-${index}`, at: new Date(1_763_805_600_000 + index * 60_000).toISOString(), target: 'api', source: 'p' },
  ...{ durationMs: 40, statusCode: 200, healthStatus: 'healthy', reasons: [], databaseMs: 2 },
  ...{ machine: index % 2 === 0 ? 'm1' : 'm2', version: '1.0.0', uptimeMs: 1_000_000 + index * 60_000 },
}))

const with_ = (evidence: Partial<Evidence>) => assess(calm, { evidence: { gaps: [], ...evidence } })

describe('the rules of findings', () => {
  it('are one file each, named as the rule', () => {
    const files = readdirSync(join(import.meta.dirname, '../../src/report/findings'))
    const named = findingRules.map(({ name }) => `${name}.ts`)
    expect(files.filter((file) => file !== 'finding-rule.ts').sort()).toEqual(named.sort())
  })

  it('find nothing in a calm run', () => {
    expect(with_({}).findings).toEqual([])
  })

  it('each name their evidence in the recorded run', () => {
    const report = assess(recordedRun, { evidence: recordedEvidence })
    expect(Object.fromEntries(report.findings.map(({ rule, evidence }) => [rule, evidence]))).toEqual({
      outages:
        '30 s to 2 min in all; the longest from 2026-11-22 10:04:00, over by 2026-11-22 10:04:45, 3 probes: database:connection_refused',
      'database-unreachable': '4 probes told so: connection_refused × 3, timeout × 1',
      'abnormal-exits':
        '1 exit by the platform’s record, 1 for memory; first machine m1 at 2026-11-22 10:07:21, code 137',
      'no-answer': '1 of 40 probes; they have no response time, so no percentile contains them',
      'gateway-errors':
        "1 answer of the proxy, first at 2026-11-22 10:05:30: Fly's proxy answered PC01: the connection to the machine was refused",
      'unasked-restarts':
        '1 restart seen, first by 2026-11-22 10:07:30: the uptime of machine m1 went down from 33 s to 4 s; its record says crash; 1 start after a crash by the machines’ record, first m1 at 2026-11-22 10:07:26.075',
      degraded: '1 probe told degraded, first: degraded (database:timeout)',
      'slow-cold-starts': '1 cold start, the slowest 2,140 ms; the median of warm answers is 65 ms',
      'slow-statements':
        '2 statements above the threshold by /metrics; "select * from observations where target = $1" takes 230 ms on average over 40 calls',
      'pool-pressure': '10 of 10 connections busy at once, and 3 waiting',
      'log-errors':
        '4 database_error in 1,204 lines; for example: database check: connection_refused | consecutiveFailures=1',
      'probe-keeps-awake':
        'a request every 15 s, and Fly stops a machine after some minutes without any; with scale-to-zero that costs $1.90 a month',
      'prober-trouble':
        '1 probe with no network at the prober, 1 probe late, by up to 2,100 ms, 1 line that could not be read; what they missed is in no figure',
      'few-samples': '39 answers can’t carry p99',
      unclassified: '1 of 39 answers had no Medio-Uptime-Ms',
    })
  })

  it('find a single machine, and different versions near the end', () => {
    const alone = assess(calm.map((observation) => ({ ...observation, machine: 'm1' })))
    expect(found(alone, 'single-machine')).toBe('every answer that told a machine came from m1')
    const skewed = assess(
      calm.map((observation) => (observation.machine === 'm2' ? { ...observation, version: '0.9.0' } : observation)),
    )
    expect(found(skewed, 'version-skew')).toBe('by 2025-11-22 11:59:00: 1.0.0 on m1, 0.9.0 on m2')
  })

  it('find the one machine of several that answers badly', () => {
    const sick = calm.map((observation, index) =>
      observation.machine === 'm2' && index > 100
        ? { ...observation, statusCode: 503, healthStatus: 'unhealthy' }
        : observation,
    )
    expect(found(assess(sick), 'one-bad-machine')).toBe('10 of its 60 answers were bad, and none of m1')
    const both = sick.map((observation, index) =>
      index === 5 || index === 6 ? { ...observation, statusCode: 502 } : observation,
    )
    expect(found(assess(both), 'one-bad-machine')).toBeUndefined()
  })

  it('find a restart of a machine by itself, with its reason', () => {
    const at = '2026-11-22T10:00:00.000Z'
    const report = with_({
      machineEvents: [{ machine: 'm1', at, kind: 'restart', code: 'memory_high', source: 'service' }],
    })
    expect(found(report, 'unasked-restarts')).toBe(
      '1 restart of a machine by itself, first m1 at 2026-11-22 10:00:00 for memory_high',
    )
  })

  it('find a run that was better before', () => {
    const slower = calm.map((observation) => ({ ...observation, durationMs: 80 }))
    const { latencyMs, availability, target, from, to } = assess(calm)
    const report = assess(slower, { baseline: { latencyMs, availability, target, from, to } })
    expect(found(report, 'baseline-worse')).toContain('latency, all: Mann–Whitney p < 0.001')
    expect(assess(calm, { baseline: { latencyMs, availability, target, from, to } }).findings).toEqual([])
  })

  it('find nothing in exits that were asked for, in a pool with room, and in a log without errors', () => {
    const { logs } = recordedEvidence
    const classes = { ...logs?.classes, database_error: { count: 0, examples: [] } } as NonNullable<
      typeof logs
    >['classes']
    const report = with_({
      machineEvents: [
        {
          machine: 'm1',
          at: '2026-11-22T10:00:00.000Z',
          kind: 'exit',
          exitCode: 143,
          requestedStop: true,
          source: 'fly',
        },
      ],
      metrics: { pool: { max: 10, waitingMax: 0, activeMax: 9 }, reset: false },
      logs: { file: 'service.log', lines: 10, unreadableLines: 0, classes },
      probing: {
        ...{ intervalMs: 600_000, timeoutMs: 10_000, planned: 120, sent: 120, late: 0, latestMs: 0 },
        ...{ reusedConnections: false, endedEarly: false },
      },
    })
    expect(report.findings).toEqual([])
  })
})
