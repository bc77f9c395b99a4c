/**
 * The body of `/api/health`. Keys never come and go: one without a value is `null`, so that a path of jq and a typed
 * client hold in every state. Only `checks` and `message` depend on the question and on who asks.
 */
import type { CheckRecord } from '../check.ts'
import type { HealthReport } from '../report.ts'
import { asciiJson } from './ascii-json.ts'
import type { InstanceFacts } from './instance-facts.ts'

export interface JsonOptions {
  /** Adds the object of checks by name. */
  readonly checks?: boolean
  /** Adds the failures' texts: for holders of the operator token only. */
  readonly messages?: boolean
}

/**
 * Everything but the two values that differ per request is rendered once. The answer takes an ISO 8601 timestamp and
 * seconds, and gives the body, all ASCII.
 */
export function renderJson(
  report: HealthReport,
  facts: InstanceFacts,
  { checks = false, messages = false }: JsonOptions = {},
): (timestamp: string, uptimeSeconds: number) => string {
  const head = `{"status":${asciiJson(report.status)},"timestamp":"`
  const rest = {
    ...identity(facts),
    resources: resources(facts),
    services: services(report.records, facts),
    dependencies: dependencies(report.records),
    reasons: report.reasons.map(({ check, status, code, since, consecutiveFailures, message }) => ({
      check,
      status,
      code,
      since: since ?? null,
      consecutiveFailures,
      ...(messages && { message: message ?? null }),
    })),
    ...(checks && { checks: Object.fromEntries(report.records.map((record) => [record.name, detail(record)])) }),
  }
  const tail = `,${asciiJson(rest).slice(1)}`
  return (timestamp, uptimeSeconds) => `${head}${timestamp}","uptime":${Math.round(uptimeSeconds * 100) / 100}${tail}`
}

function identity({ environment, version, commit, buildDate, machine }: InstanceFacts) {
  return {
    environment,
    version,
    commit: commit ?? null,
    buildDate: buildDate ?? null,
    machine: { id: machine.id, region: machine.region },
  }
}

function resources({ memory, cpuPercent }: InstanceFacts) {
  return {
    memory: { used: rounded(memory?.usedMb, 1), total: rounded(memory?.totalMb, 1), unit: 'MB' },
    cpu: { usage: rounded(cpuPercent, 1), unit: 'percent' },
  }
}

function services(records: readonly CheckRecord[], { pool }: InstanceFacts) {
  const database = records.find((record) => record.name === 'database')
  return {
    database: {
      status: statusOf(records, 'database'),
      responseTime: rounded(database?.durationMs, 1),
      checkedAt: isoTime(database?.checkedAt),
      pool:
        pool === undefined
          ? null
          : { total: pool.total, active: pool.active, idle: pool.idle, waiting: pool.waiting, max: pool.max },
    },
    sentry: { status: statusOf(records, 'sentry') },
  }
}

function dependencies(records: readonly CheckRecord[]) {
  return {
    redis: statusOf(records, 'redis'),
    s3: statusOf(records, 's3'),
    external_api: externalApiStatus(records),
  }
}

/** A check that this report doesn't hold, before the engine is there or left out of a deep run, is `unknown`. */
function statusOf(records: readonly CheckRecord[], name: string): CheckRecord['status'] {
  return records.find((record) => record.name === name)?.status ?? 'unknown'
}

/** From good to bad, as one status has to stand for several checks of a kind. */
const ranking: readonly CheckRecord['status'][] = [
  'not configured',
  'idle',
  'healthy',
  'unknown',
  'degraded',
  'stale',
  'unhealthy',
]

function externalApiStatus(records: readonly CheckRecord[]): CheckRecord['status'] {
  if (records.length === 0) return 'unknown'
  const ranks = records
    .filter((record) => record.name.startsWith('external_api:'))
    .map((record) => ranking.indexOf(record.status))
  return ranking[Math.max(0, ...ranks)] ?? 'not configured'
}

function detail(record: CheckRecord) {
  return {
    status: record.status,
    critical: record.critical,
    scope: record.scope,
    observedValue: rounded(record.observedValue, 3),
    observedUnit: record.observedUnit ?? null,
    threshold: record.threshold ?? null,
    time: isoTime(record.checkedAt),
    durationMs: rounded(record.durationMs, 1),
    consecutiveFailures: record.consecutiveFailures,
    since: isoTime(record.since),
    code: record.code ?? null,
  }
}

function isoTime(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : new Date(epochMs).toISOString()
}

function rounded(value: number | undefined, digits: number): number | null {
  return value === undefined ? null : Number(value.toFixed(digits))
}
