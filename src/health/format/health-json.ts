/**
 * `application/health+json`, the expired but still nearest standard: IETF draft-inadarei-api-health-check-06,
 * https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06. Its section numbers stand below.
 */
import type { CheckKind } from '../../config.ts'
import type { CheckRecord, CheckStatus } from '../check.ts'
import type { HealthReport, HealthStatus } from '../report.ts'
import { asciiJson } from './ascii-json.ts'
import type { InstanceFacts } from './instance-facts.ts'

export interface HealthJsonOptions {
  /** Adds `output`, the failures' texts: for holders of the operator token only. */
  readonly messages?: boolean
}

export function renderHealthJson(
  report: HealthReport,
  facts: InstanceFacts,
  { messages = false }: HealthJsonOptions = {},
): string {
  return asciiJson({
    status: overall[report.status],
    version: facts.version,
    releaseId: facts.commit,
    notes: [report.status, ...report.reasons.map((reason) => `${reason.check}: ${reason.code}`)],
    serviceId: facts.machine.id,
    description: `health of medio-backend in ${facts.machine.region}, ${facts.environment}`,
    checks: checks(report.records, messages),
  })
}

/** 3.1: `pass` and `warn` go with 2xx and 3xx, `fail` with 4xx and 5xx. */
const overall: Readonly<Record<HealthStatus, 'pass' | 'warn' | 'fail'>> = {
  healthy: 'pass',
  degraded: 'warn',
  unhealthy: 'fail',
  starting: 'fail',
  draining: 'fail',
}

const single: Readonly<Record<Exclude<CheckStatus, 'not configured'>, 'pass' | 'warn' | 'fail'>> = {
  healthy: 'pass',
  idle: 'pass',
  degraded: 'warn',
  unknown: 'warn',
  unhealthy: 'fail',
  stale: 'fail',
}

/** 4: the kind of component and what is measured of it. Fixed by name, so that a failing check keeps its key. */
const components: Readonly<Record<CheckKind, readonly ['component' | 'datastore' | 'system', string]>> = {
  database: ['datastore', 'responseTime'],
  pool: ['datastore', 'connections'],
  migrations: ['datastore', 'pending'],
  redis: ['datastore', 'responseTime'],
  s3: ['datastore', 'responseTime'],
  external_api: ['component', 'responseTime'],
  event_loop: ['system', 'delay'],
  memory: ['system', 'utilization'],
  self_healing: ['system', 'restart'],
  disk: ['system', 'free'],
  cpu: ['system', 'utilization'],
  clock: ['system', 'step'],
  sentry: ['component', 'delivery'],
}

/** The checks of one kind, such as the external APIs, stand in one array (4). What is not configured stands nowhere. */
function checks(records: readonly CheckRecord[], messages: boolean): Record<string, object[]> {
  const found: Record<string, object[]> = {}
  for (const record of records) {
    if (record.status === 'not configured') continue
    const [component = '', id] = record.name.split(':')
    const [type, measurement] = components[component as CheckKind] ?? ['component', 'status']
    const failing = single[record.status] !== 'pass'
    const key = `${component}:${measurement}`
    found[key] ??= []
    found[key].push({
      componentId: id,
      componentType: type,
      observedValue: record.observedValue,
      observedUnit: record.observedUnit,
      status: single[record.status],
      time: isoTime(record.checkedAt),
      output: messages && failing ? record.message : undefined,
      // 4.10 leaves room for keys of one's own.
      code: record.code,
      since: isoTime(record.since),
    })
  }
  return found
}

function isoTime(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : new Date(epochMs).toISOString()
}
