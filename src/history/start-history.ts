import { randomUUID } from 'node:crypto'
import type { Config } from '../config.ts'
import type { Database } from '../db/queryable.ts'
import type { CheckRecord } from '../health/check.ts'
import type { Observation } from '../observation/observation.ts'
import type { ServiceStatus } from '../telemetry/metric-definitions.ts'
import { createRedaction } from '../telemetry/redaction.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { HistoryWriter } from './history-writer.ts'
import { createIncidentTracker } from './incident-tracker.ts'
import { closeForgottenIncidents, touchIncidents } from './incidents.ts'
import { createJobs } from './jobs.ts'
import { createMachineHistory, type MachineHistory } from './machine-history.ts'
import { createObjectiveCounts } from './objective-counts.ts'
import { countStored } from './observation-events.ts'
import { openHistoryWriter } from './open-writer.ts'
import { deleteOld } from './retention.ts'
import { mergeDeltas } from './rollups.ts'
import { probeSelf } from './self-probe.ts'

/** The history of this process at work: what it records, and the jobs that keep what is recorded in shape. */
export interface RunningHistory {
  readonly machine: MachineHistory
  readonly writer: HistoryWriter
  /** A request has stored these. */
  onStored(observations: readonly Observation[]): void
  /** Ends the jobs, and writes what waits or leaves it on disk. The caller bounds the wait. */
  close(): Promise<void>
}

const lookMs = 5_000
const objectiveMs = 15_000
const incidentsMs = 30_000
const mergeMs = 10_000
const minuteMs = 60_000
const retentionMs = 3_600_000
/** In so many turns of the job, what another machine has left is merged too. */
const mergeAnyway = 6

export function startHistory(options: {
  config: Config
  version: string
  telemetry: Telemetry
  database: Database
  health: () => { readonly status: ServiceStatus; readonly records: readonly CheckRecord[] }
  /** Of the public listener; undefined on a Unix socket. */
  port: () => number | undefined
  startedAt: Date
  uptimeMs: () => number
  isIdle: () => boolean
}): RunningHistory {
  const { config, version, telemetry, database, health, port, uptimeMs, isIdle } = options
  const { logger, metrics } = telemetry
  const { machine, commit = null } = config
  let isUnmerged = false
  const onStored = (observations: readonly Observation[]) => {
    countStored(metrics, observations)
    isUnmerged ||= observations.length > 0
  }
  const writer = openHistoryWriter({ config, database, logger, onStored })
  const rests = () => isIdle() || writer.isAway()
  const machineHistory = createMachineHistory({
    ...{ database, writer, machine, uptimeMs, isIdle, startedAt: options.startedAt },
    running: { version, commit, imageRef: machine.imageRef ?? null },
    onFailed: (error) => jobFailed('running time', error),
  })
  const tracker = createIncidentTracker({
    ...{ machine, monotonicMs: uptimeMs, wallMs: Date.now },
    records: () => health().records,
    onReport(report) {
      writer.record({ kind: 'incident', report: redaction?.value(report) ?? report })
      const { check, scope } = report
      if (report.change === 'recovered')
        logger.info({ event: 'incident_closed', check, scope }, `${check} is well again`)
      else logger.warn({ event: 'incident_opened', check, scope, code: report.code }, `${check} fails: ${report.code}`)
    },
  })
  const redaction = createRedaction(config.secrets)
  const objectiveCounts = createObjectiveCounts(metrics.sloCounts)
  const processId = randomUUID()
  const jobs = createJobs(jobFailed)
  let turns = 0

  function jobFailed(job: string, error: unknown): void {
    logger.warn({ event: 'history_job_failed', job, error }, `the history's job "${job}" failed; it will run again`)
  }

  function recordMinute(): void {
    const counts = objectiveCounts()
    if (counts.length > 0) writer.record({ kind: 'slo', at: new Date().toISOString(), processId, counts })
  }

  function countHealth(): void {
    const { status, records } = health()
    if (isIdle() || status === 'starting' || status === 'draining') return
    metrics.sloEvent('health', status === 'unhealthy' ? 'bad' : 'good')
    metrics.sloEvent('freshness', records.some((record) => record.status === 'stale') ? 'bad' : 'good')
  }

  async function keepIncidents(): Promise<void> {
    if (rests()) return
    const failing = tracker.failing()
    if (failing.length > 0) {
      const touched = await touchIncidents(database, machine.id, failing)
      tracker.reopen(failing.filter((check) => !touched.includes(check)))
    }
    for (const closed of await closeForgottenIncidents(database, machine.id, tracker.well())) {
      logger.info({ event: 'incident_closed', ...closed, forgotten: true }, `the incident of ${closed.check} is closed`)
    }
  }

  async function merge(signal: AbortSignal): Promise<void> {
    turns += 1
    if (rests() || !(isUnmerged || turns % mergeAnyway === 0)) return
    isUnmerged = false
    while ((await mergeDeltas(database, signal)) > 0) signal.throwIfAborted()
  }

  jobs.every(lookMs, 'incidents', tracker.look)
  jobs.every(incidentsMs, 'open incidents', keepIncidents)
  jobs.every(objectiveMs, 'objectives', countHealth)
  jobs.every(minuteMs, 'objectives by the minute', recordMinute)
  jobs.every(mergeMs, 'rollups', merge)
  jobs.every(retentionMs, 'retention', async (signal) => {
    const { retentionDays } = config.history
    if (!rests()) await deleteOld(database, { retentionDays, now: new Date(), signal })
  })
  if (config.history.selfProbeIntervalMs > 0) {
    jobs.every(config.history.selfProbeIntervalMs, 'self-probe', async () => {
      if (isIdle()) return
      const observation = await probeSelf({ config, port: port(), version, wallMs: Date.now })
      writer.record({ kind: 'observations', observations: [observation] })
    })
  }

  return {
    machine: machineHistory,
    writer,
    onStored,
    async close() {
      await jobs.stop()
      recordMinute()
      await machineHistory.close()
      await writer.close()
    },
  }
}
