import type { Database } from '../db/queryable.ts'
import type { RestartCode } from '../telemetry/metric-definitions.ts'
import { isAwayError } from './away-error.ts'
import type { RunningVersion } from './history-entry.ts'
import type { HistoryWriter } from './history-writer.ts'
import { addRunningSeconds, type Machine, type MachineEvent, type StartCount, selectStarts } from './machine-events.ts'
import {
  type PastRestart,
  type RestartCount,
  restartWindowMs,
  selectRestartCounts,
  selectRestarts,
} from './machine-restarts.ts'

export interface MachineTotals {
  readonly starts: readonly StartCount[]
  /** Of its own, all and the recent ones, as this process found them. The next one ends it. */
  readonly restarts: readonly RestartCount[]
  readonly recentRestarts: readonly PastRestart[]
  readonly runningSeconds: number
}

/** What this machine lived through, written in order by the history's writer. */
export interface MachineHistory {
  record(event: MachineEvent): void
  /** This machine restarts itself, and was permitted to without the database. */
  recordRestart(at: Date, code: RestartCode): void
  /** Undefined until it was read from Postgres. */
  totals(): MachineTotals | undefined
  /** Never, if Postgres never answers. */
  readonly firstTotals: Promise<MachineTotals>
  /** Writes the running time one last time; the caller bounds the wait. Events may be recorded until the writer closes. */
  close(): Promise<void>
}

export function createMachineHistory(options: {
  database: Database
  writer: Pick<HistoryWriter, 'record' | 'written' | 'isAway'>
  machine: Machine
  running: RunningVersion
  startedAt: Date
  uptimeMs: () => number
  /** While idle nothing is written, so that a database that scales to zero may sleep. */
  isIdle: () => boolean
  /** The running time could not be written, and not because the database is away. */
  onFailed: (error: unknown) => void
  /** The wait before totals that could not be read are read again. */
  retryMs?: number
  /** How often the running time is written: what a crash can lose of it. */
  runningIntervalMs?: number
}): MachineHistory {
  const { database, writer, machine, running, startedAt, uptimeMs, isIdle, onFailed } = options
  const { retryMs = 5_000, runningIntervalMs = 60_000 } = options
  let totals: MachineTotals | undefined
  const firstTotals = Promise.withResolvers<MachineTotals>()
  let countedMs = 0
  let queue: Promise<void> = Promise.resolve()
  let retry: NodeJS.Timeout | undefined
  let closed = false

  async function writeRunning(): Promise<void> {
    const nowMs = uptimeMs()
    totals = await database.transaction(async (tx) => {
      const runningSeconds = await addRunningSeconds(tx, machine.id, (nowMs - countedMs) / 1_000)
      const starts = await selectStarts(tx, machine.id)
      const restarts = totals?.restarts ?? (await selectRestartCounts(tx, machine.id))
      const recentRestarts = totals?.recentRestarts ?? (await selectRestarts(tx, machine.id, restartWindowMs))
      return { starts, restarts, recentRestarts, runningSeconds }
    })
    countedMs = nowMs
    firstTotals.resolve(totals)
  }

  /** One at a time: each adds what has passed since the one before. */
  function updateTotals(): Promise<void> {
    queue = queue.then(writeRunning).catch((error: unknown) => {
      // The writer tells of a database that is away.
      if (!isAwayError(error)) onFailed(error)
      if (!closed) retry ??= setTimeout(updateWhenWritten, retryMs).unref()
    })
    return queue
  }

  function updateWhenWritten(): void {
    clearTimeout(retry)
    retry = undefined
    void writer.written().then(updateTotals)
  }

  writer.record({ kind: 'start', machine, at: startedAt.toISOString(), ...running })
  updateWhenWritten()
  const heartbeat = setInterval(() => {
    if (!isIdle() && !writer.isAway()) void updateTotals()
  }, runningIntervalMs).unref()

  return {
    record(event) {
      writer.record({ kind: 'machine_event', machine, event: { ...event, at: event.at.toISOString() } })
      // A resume is counted, and the totals are read where the running time is written.
      if (event.kind === 'resume') updateWhenWritten()
    },
    recordRestart: (at, code) => writer.record({ kind: 'restart', machine, at: at.toISOString(), code }),
    totals: () => totals,
    firstTotals: firstTotals.promise,
    async close() {
      closed = true
      clearInterval(heartbeat)
      clearTimeout(retry)
      if (!writer.isAway()) await updateTotals()
    },
  }
}
