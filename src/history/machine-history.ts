import type { Database, Queryable } from '../db/queryable.ts'
import type { RestartCode } from '../telemetry/metric-definitions.ts'
import { insertDeployment } from './deployments.ts'
import {
  addRunningSeconds,
  countStart,
  insertMachineEvent,
  type Machine,
  type MachineEvent,
  type StartCount,
  selectPreviousRun,
  selectStarts,
  upsertMachine,
} from './machine-events.ts'
import {
  insertRestart,
  type PastRestart,
  type RestartCount,
  restartWindowMs,
  selectRestartCounts,
  selectRestarts,
} from './machine-restarts.ts'
import { startReason } from './start-reason.ts'

export interface MachineTotals {
  readonly starts: readonly StartCount[]
  /** Of its own, all and the recent ones, as this process found them. The next one ends it. */
  readonly restarts: readonly RestartCount[]
  readonly recentRestarts: readonly PastRestart[]
  readonly runningSeconds: number
}

/** What this machine lived through, written in order. While the database is away it waits in memory. */
export interface MachineHistory {
  record(event: MachineEvent): void
  /** This machine restarts itself, and was permitted to without the database. */
  recordRestart(at: Date, code: RestartCode): void
  /** Undefined until it was read from Postgres. */
  totals(): MachineTotals | undefined
  /** Never, if Postgres never answers. */
  readonly firstTotals: Promise<MachineTotals>
  /** Writes what waits, or fails to, one last time; the caller bounds the wait. */
  close(): Promise<void>
}

/** Events of a machine are few; a longer queue means that nobody will ever read the oldest. */
const waitingMax = 1_000

export function createMachineHistory(options: {
  database: Database
  machine: Machine
  running: { readonly version: string; readonly commit: string | null; readonly imageRef: string | null }
  startedAt: Date
  uptimeMs: () => number
  /** While idle nothing is written, so that a database that scales to zero may sleep. */
  isIdle: () => boolean
  /** Once per outage. */
  onFailed: (error: unknown) => void
  /** The wait before a failed write is tried again. */
  retryMs?: number
  /** How often the running time is written: what a crash can lose of it. */
  runningIntervalMs?: number
}): MachineHistory {
  const { database, machine, running, startedAt, uptimeMs, isIdle, onFailed } = options
  const { retryMs = 5_000, runningIntervalMs = 60_000 } = options
  const waiting: ((db: Queryable) => Promise<void>)[] = []
  let totals: MachineTotals | undefined
  const firstTotals = Promise.withResolvers<MachineTotals>()
  let countedMs = 0
  let writing: Promise<void> | undefined
  let retry: NodeJS.Timeout | undefined
  let failing = false
  let closed = false

  async function writeStart(db: Queryable): Promise<void> {
    await upsertMachine(db, machine)
    const isNewDeployment = await insertDeployment(db, { ...running, at: startedAt, source: 'start' })
    const previous = await selectPreviousRun(db, machine.id, startedAt)
    const reason = startReason(previous, { ...running, isNewDeployment })
    const { version, commit } = running
    const isNew = await insertMachineEvent(db, machine.id, { at: startedAt, kind: 'start', reason, version, commit })
    if (isNew) await countStart(db, machine.id, 'boot', reason)
  }

  async function writeEvent(db: Queryable, event: MachineEvent): Promise<void> {
    const isNew = await insertMachineEvent(db, machine.id, event)
    if (isNew && event.kind === 'resume') await countStart(db, machine.id, 'resume', event.reason ?? 'unknown')
  }

  async function writeRunning(db: Queryable): Promise<void> {
    const nowMs = uptimeMs()
    const runningSeconds = await addRunningSeconds(db, machine.id, (nowMs - countedMs) / 1_000)
    const starts = await selectStarts(db, machine.id)
    const restarts = totals?.restarts ?? (await selectRestartCounts(db, machine.id))
    const recentRestarts = totals?.recentRestarts ?? (await selectRestarts(db, machine.id, restartWindowMs))
    countedMs = nowMs
    totals = { starts, restarts, recentRestarts, runningSeconds }
    firstTotals.resolve(totals)
  }

  function enqueue(write: (db: Queryable) => Promise<void>): void {
    waiting.push(write)
    // Never the first: it may be under way, or the start, without which Postgres takes nothing else of this machine.
    if (waiting.length > waitingMax) waiting.splice(1, 1)
    if (retry === undefined) void writeAll()
  }

  function writeAll(): Promise<void> {
    retry = undefined
    writing ??= writeWaiting()
    return writing
  }

  async function writeWaiting(): Promise<void> {
    for (let write = waiting[0]; write !== undefined; write = waiting[0]) {
      try {
        const next = write
        await database.transaction((tx) => next(tx))
        waiting.shift()
        failing = false
      } catch (error) {
        if (!failing) onFailed(error)
        failing = true
        if (!closed) retry = setTimeout(writeAll, retryMs).unref()
        break
      }
    }
    writing = undefined
  }

  enqueue(writeStart)
  enqueue(writeRunning)
  const heartbeat = setInterval(() => {
    if (!isIdle() && waiting.length === 0) enqueue(writeRunning)
  }, runningIntervalMs).unref()

  return {
    record(event) {
      enqueue((db) => writeEvent(db, event))
      // A resume is counted, and the totals are read where the running time is written.
      if (event.kind === 'resume') enqueue(writeRunning)
    },
    recordRestart: (at, code) => enqueue((db) => insertRestart(db, machine, code, at)),
    totals: () => totals,
    firstTotals: firstTotals.promise,
    async close() {
      closed = true
      clearInterval(heartbeat)
      clearTimeout(retry)
      retry = undefined
      enqueue(writeRunning)
      await writeAll()
    },
  }
}
