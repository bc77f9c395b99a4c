import type { CheckRecord } from '../../src/health/check.ts'
import { buildReport, type HealthReport } from '../../src/health/report.ts'
import type { ObjectiveTotals, TimeWindow } from '../../src/slo/objective-totals.ts'
import { buildSloReport, sloWindows } from '../../src/slo/slo-report.ts'
import {
  type LatencyBucket,
  latencyBucketMs,
  type ShownIncident,
  type StatusSource,
} from '../../src/status/status-source.ts'

export interface Scenario {
  readonly report: HealthReport
  readonly source: StatusSource
}
export const scenarioNames = ['healthy', 'degraded', 'outage', 'database away', 'empty'] as const
export type ScenarioName = (typeof scenarioNames)[number]

const minuteMs = 60_000
const dayMs = 86_400_000

export function check(name: string, changes: Partial<CheckRecord> = {}): CheckRecord {
  const critical = ['database', 'event_loop', 'memory'].includes(name)
  const scope = ['event_loop', 'memory', 'disk', 'cpu', 'clock', 'pool'].includes(name) ? 'local' : 'shared'
  return { name, scope, critical, status: 'healthy', consecutiveFailures: 0, ...changes }
}

/** A service as it is told at `nowMs`: the history that was written and what the checks say. */
export function scenario(name: ScenarioName, nowMs: number): Scenario {
  const records = checks(nowMs).map((record) => ({ ...record, ...failures(name, nowMs)[record.name] }))
  const source = name === 'empty' ? emptySource : fullSource(nowMs, name)
  return { report: buildReport('ready', records), source }
}

function checks(nowMs: number): CheckRecord[] {
  const ran = { checkedAt: nowMs - 2_300, durationMs: 2.1 }
  return [
    check('database', { ...ran, observedValue: 2.1, observedUnit: 'ms', threshold: 1_000 }),
    check('pool', { ...ran, observedValue: 3, observedUnit: 'connections' }),
    check('migrations', ran),
    check('redis', { ...ran, observedValue: 0.8, observedUnit: 'ms' }),
    check('s3', { status: 'not configured' }),
    check('external_api:payments', { ...ran, observedValue: 112.4, observedUnit: 'ms' }),
    check('event_loop', { ...ran, observedValue: 4.2, observedUnit: 'ms' }),
    check('memory', { ...ran, observedValue: 41.7, observedUnit: 'percent' }),
    check('disk', ran),
    check('cpu', { ...ran, observedValue: 6.3, observedUnit: 'percent' }),
    check('clock', ran),
    check('sentry', { status: 'not configured' }),
  ]
}

function failures(name: ScenarioName, nowMs: number): Readonly<Record<string, Partial<CheckRecord>>> {
  const failing = (minutes: number, consecutiveFailures: number) => ({
    since: nowMs - minutes * minuteMs,
    consecutiveFailures,
  })
  if (name === 'degraded') {
    return {
      'external_api:payments': { status: 'unhealthy', code: 'timeout', ...failing(11, 9) },
      redis: { status: 'degraded', code: 'connection_lost', ...failing(0.1, 1) },
    }
  }
  if (name === 'outage' || name === 'database away') {
    return {
      database: { status: 'unhealthy', code: 'connection_refused', ...failing(4.2, 47) },
      migrations: { status: 'degraded', code: 'connection_refused', ...failing(3.9, 2) },
    }
  }
  return {}
}

function fullSource(nowMs: number, name: ScenarioName): StatusSource {
  return {
    async dailyAvailability({ from, to }) {
      const first = Math.floor(from.getTime() / dayMs)
      const last = Math.floor(to.getTime() / dayMs)
      const days = Array.from({ length: last - first + 1 }, (_, index) => {
        const day = new Date((first + index) * dayMs).toISOString().slice(0, 10)
        const failed = { 31: 4, 57: 61, 78: 2 }[index] ?? (name === 'outage' && index === last - first ? 35 : 0)
        return { day, count: 1_440, ok: 1_440 - failed }
      })
      // The probe began after three weeks, and was off for two days.
      return days.filter((_, index) => index >= 21 && index !== 44 && index !== 45)
    },
    latencyBuckets: async ({ from, to }) => latency(from.getTime(), to.getTime(), name),
    incidents: async () => incidents(nowMs, name),
    async machines() {
      const machine = (id: string, region: string, seenMinutesAgo: number, runningSeconds: number) => ({
        ...{ id, region, runningSeconds },
        lastSeenAt: new Date(nowMs - seenMinutesAgo * minuteMs),
      })
      return [
        machine('28715d4c671438', 'iad', 0.4, 1_830_000),
        machine('3d8d9014b91789', 'iad', 0.7, 1_790_000),
        machine('148e2740fe6789 <b>', 'fra', 47, 412_000),
        machine('9080e6f3a12345', 'fra', 21 * 24 * 60, 99_000),
      ]
    },
    async deployments() {
      const deployment = (version: string, commit: string, days: number, source: 'start' | 'pipeline') => ({
        ...{ version, commit, source, imageRef: null, at: new Date(nowMs - days * dayMs) },
      })
      return [
        deployment('1.4.0', '44a2b9a1c0ffee', 0.4, 'pipeline'),
        deployment('1.3.2', '394f68fdeadbeef', 6, 'pipeline'),
        deployment('1.3.1', 'cb56be8abcdef0', 13, 'start'),
      ]
    },
    sloReport: async () => slo(nowMs, (window) => totals(window, name)),
  }
}

function latency(fromMs: number, toMs: number, name: ScenarioName): LatencyBucket[] {
  const first = Math.floor(fromMs / latencyBucketMs)
  const count = Math.floor(toMs / latencyBucketMs) - first + 1
  const buckets = Array.from({ length: count }, (_, index) => ({
    at: new Date((first + index) * latencyBucketMs).toISOString(),
    ...(name === 'outage' && index > count - 3 ? failedBucket : bucket(index, name === 'degraded' && index > 270)),
  }))
  return buckets.filter((_, index) => index < 120 || index > 132)
}

const failedBucket = { count: 20, ok: 2, p50Ms: null, p95Ms: null, maxMs: 90, cold: 0 }

function bucket(index: number, isSlow: boolean): Omit<LatencyBucket, 'at'> {
  const wave = Math.sin(index / 23) * 18 + Math.sin(index * 7.3) * 6
  const cold = index % 97 === 41 ? 1 : 0
  const p95Ms = (118 + wave * 1.7 + (index % 31 === 0 ? 90 : 0)) * (isSlow ? 6 : 1)
  const maxMs = cold === 1 ? 2_140 + index : p95Ms + 12
  return { count: 20, ok: 20, p50Ms: 62 + wave, p95Ms, maxMs, cold }
}

function incidents(nowMs: number, name: ScenarioName): ShownIncident[] {
  const at = (minutesAgo: number) => new Date(nowMs - minutesAgo * minuteMs)
  const closed: ShownIncident[] = [
    {
      ...{ id: 17, check: 'memory', scope: 'local', machine: '148e2740fe6789', code: 'memory_high' },
      ...{ openedAt: at(2_960), closedAt: at(2_931), acknowledgedAt: at(2_950) },
    },
    {
      ...{ id: 9, check: 'database', scope: 'shared', machine: null, code: 'too_many_connections' },
      ...{ openedAt: at(11_300), closedAt: at(11_294), acknowledgedAt: null },
    },
  ]
  if (name === 'outage') {
    closed.push({
      ...{ id: 18, check: 'database', scope: 'shared', machine: null, code: 'connection_refused' },
      ...{ openedAt: at(4.2), closedAt: null, acknowledgedAt: null },
    })
  }
  if (name === 'degraded') {
    closed.push({
      ...{ id: 19, check: 'external_api:payments', scope: 'shared', machine: null, code: 'timeout' },
      ...{ openedAt: at(11), closedAt: null, acknowledgedAt: at(8) },
    })
  }
  return closed
}

function totals({ from, to }: TimeWindow, name: ScenarioName): ObjectiveTotals[] {
  const minutes = (to.getTime() - from.getTime()) / minuteMs
  const requests = Math.round(minutes * 40)
  const bad = (share: number) => Math.round(requests * share)
  return [
    { objective: 'availability', good: requests - bad(name === 'outage' ? 0.0014 : 0.00028), total: requests },
    { objective: 'latency', good: requests - bad(0.0081), total: requests },
    { objective: 'health', good: Math.round(minutes * 0.9996), total: Math.round(minutes) },
    { objective: 'freshness', good: Math.round(minutes), total: Math.round(minutes) },
    { objective: 'cold_start', good: 55, total: 58 },
  ]
}

function slo(nowMs: number, read: (window: TimeWindow) => ObjectiveTotals[]) {
  const asOf = new Date(nowMs)
  return buildSloReport(asOf, sloWindows(asOf).map(read))
}

const emptySource: StatusSource = {
  dailyAvailability: async () => [],
  latencyBuckets: async () => [],
  incidents: async () => [],
  machines: async () => [],
  deployments: async () => [],
  sloReport: async () => slo(Date.now(), () => []),
}
