import { describe, expect, it } from 'vitest'
import type { CheckRecord } from '../../src/health/check.ts'
import { buildReport, readiness } from '../../src/health/report.ts'

const since = Date.UTC(2026, 10, 22, 10, 20)

function record(name: string, status: CheckRecord['status'], overrides: Partial<CheckRecord> = {}): CheckRecord {
  const failing = ['degraded', 'unhealthy', 'stale'].includes(status)
  return {
    name,
    scope: 'shared',
    critical: true,
    status,
    consecutiveFailures: failing ? 3 : 0,
    ...(failing && { code: status === 'stale' ? 'stale' : 'timeout', since }),
    ...overrides,
  }
}

const optional = { critical: false }
const local = { scope: 'local' } as const

describe('the overall status', () => {
  it.each([
    ['healthy', [record('a', 'healthy')]],
    ['healthy', []],
    ['degraded', [record('a', 'degraded')]],
    ['unhealthy', [record('a', 'unhealthy')]],
    ['unhealthy', [record('a', 'stale')]],
    ['degraded', [record('a', 'degraded', optional)]],
    ['degraded', [record('a', 'unhealthy', optional)]],
    ['degraded', [record('a', 'stale', optional)]],
    ['healthy', [record('a', 'idle'), record('b', 'not configured')]],
    ['healthy', [record('a', 'healthy'), record('b', 'unknown', optional)]],
    ['unhealthy', [record('a', 'unknown')]],
    ['unhealthy', [record('a', 'unhealthy'), record('b', 'degraded'), record('c', 'healthy')]],
    ['unhealthy', [record('c', 'healthy'), record('b', 'degraded'), record('a', 'unhealthy')]],
  ] as const)('is %s for %j', (status, records) => {
    expect(buildReport('ready', records).status).toBe(status)
  })

  it.each([
    ['starting', 'starting'],
    ['draining', 'draining'],
    ['stopped', 'draining'],
  ] as const)('of a %s process is %s whatever the checks say', (lifecycleState, status) => {
    for (const worst of ['healthy', 'unhealthy', 'unknown'] as const) {
      expect(buildReport(lifecycleState, [record('a', worst)]).status).toBe(status)
    }
  })

  it('of a critical check without a run is stale once the start is over, and not before', () => {
    const records = [record('database', 'unknown')]
    expect(buildReport('starting', records).reasons).toEqual([])
    const report = buildReport('ready', records)
    expect(report.reasons).toEqual([
      {
        check: 'database',
        status: 'stale',
        code: 'stale',
        consecutiveFailures: 0,
        since: undefined,
        message: undefined,
      },
    ])
    expect(report.records[0]?.status).toBe('stale')
  })

  it('began with the oldest failure that is as bad as the whole', () => {
    const records = [
      record('redis', 'unhealthy', { ...optional, since: since - 60_000 }),
      record('database', 'unhealthy', { since }),
      record('memory', 'unhealthy', { since: since + 5 }),
    ]
    expect(buildReport('ready', records).since).toBe(since)
    expect(buildReport('ready', [record('a', 'healthy')]).since).toBeUndefined()
  })
})

describe('the reasons', () => {
  it('name what is not healthy, critical checks first, then by name', () => {
    const { reasons } = buildReport('ready', [
      record('s3', 'degraded', optional),
      record('pool', 'healthy'),
      record('redis', 'unhealthy', optional),
      record('memory', 'degraded'),
      record('database', 'unhealthy', { message: 'connect ECONNREFUSED' }),
      record('disk', 'idle', optional),
    ])
    expect(reasons.map((reason) => reason.check)).toEqual(['database', 'memory', 'redis', 's3'])
    expect(reasons[0]).toEqual({
      check: 'database',
      status: 'unhealthy',
      code: 'timeout',
      since: '2026-11-22T10:20:00.000Z',
      consecutiveFailures: 3,
      message: 'connect ECONNREFUSED',
    })
  })

  it('are told while starting and draining too', () => {
    const records = [record('database', 'unhealthy')]
    expect(buildReport('starting', records).reasons).toHaveLength(1)
    expect(buildReport('draining', records).reasons).toHaveLength(1)
  })
})

describe('readiness', () => {
  it.each([
    ['ready', 'ready', [record('memory', 'healthy', local)], false],
    ['ready', 'ready', [record('memory', 'degraded', local)], false],
    ['unhealthy', 'ready', [record('memory', 'unhealthy', local)], false],
    ['unhealthy', 'ready', [record('memory', 'stale', local)], false],
    ['ready', 'ready', [record('disk', 'unhealthy', { ...local, ...optional })], false],
    ['ready', 'ready', [record('database', 'unhealthy')], false],
    ['unhealthy', 'ready', [record('database', 'unhealthy')], true],
    ['ready', 'ready', [record('redis', 'unhealthy', optional)], true],
    ['starting', 'starting', [record('memory', 'unhealthy', local)], false],
    ['draining', 'draining', [record('memory', 'healthy', local)], false],
    ['draining', 'stopped', [], true],
  ] as const)('is %s in the lifecycle state %s with %j, strict: %s', (status, lifecycleState, records, strict) => {
    expect(readiness(lifecycleState, records, strict).status).toBe(status)
  })

  it('gives only the reasons that count for it', () => {
    const records = [record('database', 'unhealthy'), record('memory', 'unhealthy', local)]
    expect(readiness('ready', records, false).reasons.map((reason) => reason.check)).toEqual(['memory'])
    expect(readiness('ready', records, true).reasons.map((reason) => reason.check)).toEqual(['database', 'memory'])
  })
})
