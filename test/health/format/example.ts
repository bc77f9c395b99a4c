import type { CheckRecord } from '../../../src/health/check.ts'
import type { InstanceFacts } from '../../../src/health/format/instance-facts.ts'

export const nowMs = Date.UTC(2026, 10, 22, 10, 24, 7, 25)

export const facts: InstanceFacts = {
  environment: 'production',
  version: '1.0.0',
  commit: 'abc123def',
  buildDate: '2026-11-22T09:00:00Z',
  machine: { id: '28715d4c671438', region: 'iad' },
  memory: { usedMb: 45.234, totalMb: 256 },
  cpuPercent: 5.26,
  pool: { total: 4, active: 1, idle: 3, waiting: 0, max: 10 },
}

/** The instance of the first second: nothing has been read yet. */
export const emptyFacts: InstanceFacts = {
  ...facts,
  commit: undefined,
  buildDate: undefined,
  memory: undefined,
  cpuPercent: undefined,
  pool: undefined,
}

export const healthyRecords: readonly CheckRecord[] = [
  {
    name: 'database',
    scope: 'shared',
    critical: true,
    status: 'healthy',
    consecutiveFailures: 0,
    checkedAt: nowMs - 3_400,
    durationMs: 2.345_678,
    observedValue: 2.345_678,
    observedUnit: 'ms',
  },
  {
    name: 'memory',
    scope: 'local',
    critical: true,
    status: 'healthy',
    consecutiveFailures: 0,
    checkedAt: nowMs - 1_000,
    durationMs: 0.04,
    observedValue: 17.7,
    observedUnit: 'percent',
    threshold: 95,
  },
  {
    name: 'redis',
    scope: 'shared',
    critical: false,
    status: 'healthy',
    consecutiveFailures: 0,
    checkedAt: nowMs - 9_000,
    durationMs: 0.8,
  },
  { name: 's3', scope: 'shared', critical: false, status: 'not configured', consecutiveFailures: 0 },
  {
    name: 'external_api:stripe',
    scope: 'shared',
    critical: false,
    status: 'healthy',
    consecutiveFailures: 0,
    checkedAt: nowMs - 30_000,
    durationMs: 80,
    observedValue: 80,
    observedUnit: 'ms',
  },
  {
    name: 'external_api:geo',
    scope: 'shared',
    critical: false,
    status: 'idle',
    consecutiveFailures: 0,
    checkedAt: nowMs - 300_000,
  },
  { name: 'sentry', scope: 'shared', critical: false, status: 'not configured', consecutiveFailures: 0 },
]

/** The database refuses connections since 252 s, and one external API answers badly since two hours. */
export const failingRecords: readonly CheckRecord[] = healthyRecords.map((record) => {
  if (record.name === 'database') {
    return {
      ...record,
      status: 'unhealthy',
      code: 'connection_refused',
      message: 'connect ECONNREFUSED\n\u001b[31mdb·internal:5432',
      since: nowMs - 252_000,
      consecutiveFailures: 47,
      durationMs: 1.2,
      observedValue: undefined,
      observedUnit: undefined,
    }
  }
  if (record.name === 'external_api:stripe') {
    return {
      ...record,
      status: 'degraded',
      code: 'bad_response',
      message: 'answered 503',
      since: nowMs - 7_500_000,
      consecutiveFailures: 2,
    }
  }
  return record
})
