import type { Database } from '../db/queryable.ts'
import type { Observation } from '../observation/observation.ts'
import type { HistoryKind } from '../telemetry/metric-definitions.ts'
import { isAwayError } from './away-error.ts'
import { type HistoryEntry, kindOf, recordsOf } from './history-entry.ts'
import type { Dropped, HistorySpool } from './history-spool.ts'
import { writeEntry } from './write-entry.ts'

/**
 * Writes the history in the order in which it was told. While the database is away, or hangs, it waits on disk; where
 * the disk refuses too, in memory, up to a bound.
 */
export interface HistoryWriter {
  record(entry: HistoryEntry): void
  /** Puts it on disk behind what waits there. Throws when the disk refuses: then it is not kept. */
  keep(entry: HistoryEntry): void
  /** The last write failed, and the next try is to come: whoever has something to write had better keep it. */
  isAway(): boolean
  /** Somebody else found the database away. */
  reportAway(error: unknown): void
  /** Resolves when all that was recorded until now is written; never, if it is not. */
  written(): Promise<void>
  size(): { readonly entries: number; readonly bytes: number; readonly dropped: Readonly<Dropped> }
  /** Tries once more to write what waits, and leaves the rest on disk. The caller bounds the wait. */
  close(): Promise<void>
}

/** Where entries wait when neither Postgres nor the disk takes them. */
const inMemoryMax = 1_000
const writeTimeoutMs = 5_000
/** A write that takes longer may never end, and this process might: what waits goes to disk. */
const patienceMs = 1_000

export function createHistoryWriter(options: {
  database: Pick<Database, 'transaction'>
  /** Called at the first need, and again after it threw. */
  openSpool: (onDropped: (dropped: Dropped) => void) => HistorySpool
  /** A process before this one left entries on disk. */
  spoolExists: boolean
  onStored: (observations: readonly Observation[]) => void
  /** Once per outage. */
  onFailed: (error: unknown) => void
  onCaughtUp: (entries: number) => void
  /** The database will never take it: it is given up. */
  onRefused: (entry: HistoryEntry, error: unknown) => void
  /** The disk refuses; once until it takes something again. */
  onSpoolFailed: (error: unknown) => void
  /** The wait before a failed write is tried again. */
  retryMs?: number
}): HistoryWriter {
  const { database, onStored, onFailed, onCaughtUp, onRefused, onSpoolFailed, retryMs = 5_000 } = options
  let waiting: HistoryEntry[] = []
  let spool: HistorySpool | undefined
  let mayBeSpooled = options.spoolExists
  let spoolFailed = false
  const dropped: Dropped = {}
  /** What is being written; `spoolId`: it is on disk too. */
  let current: { readonly entry: HistoryEntry; spoolId: number | undefined } | undefined
  let writing = Promise.resolve()
  let isWriting = false
  let retry: NodeJS.Timeout | undefined
  let away = false
  let closed = false
  let writtenSinceAway = 0
  const listeners: (() => void)[] = []

  function drop(kind: HistoryKind, records: number): void {
    dropped[kind] = (dropped[kind] ?? 0) + records
  }

  function dropAll(lost: Dropped): void {
    for (const [kind, records] of Object.entries(lost)) drop(kind as HistoryKind, records)
  }

  /** Undefined when the disk refuses. */
  function onDisk<T>(work: (spool: HistorySpool) => T): T | undefined {
    try {
      spool ??= options.openSpool(dropAll)
      const result = work(spool)
      spoolFailed = false
      return result
    } catch (error) {
      if (!spoolFailed) onSpoolFailed(error)
      spoolFailed = true
      return undefined
    }
  }

  function spill(): void {
    if (waiting.length === 0) return
    const ids = onDisk((disk) => disk.append(waiting))
    if (ids === undefined) {
      boundMemory()
      return
    }
    if (current !== undefined && current.entry === waiting[0]) current.spoolId = ids[0]
    waiting = []
    mayBeSpooled = true
  }

  function boundMemory(): void {
    while (waiting.length > inMemoryMax) {
      // Never the one that is being written.
      const [lost] = waiting.splice(current?.entry === waiting[0] ? 1 : 0, 1)
      if (lost !== undefined) drop(kindOf(lost), recordsOf(lost))
    }
  }

  /** The oldest of all; what is on disk is older than what is in memory. */
  function next(): typeof current {
    if (mayBeSpooled) {
      const oldest = onDisk((disk) => disk.oldest() ?? null)
      if (oldest) return { entry: oldest.entry, spoolId: oldest.id }
      if (oldest === null) mayBeSpooled = false
    }
    const [entry] = waiting
    return entry && { entry, spoolId: undefined }
  }

  function forget({ entry, spoolId }: NonNullable<typeof current>): void {
    if (spoolId === undefined) waiting = waiting.filter((each) => each !== entry)
    else onDisk((disk) => disk.remove(spoolId))
  }

  async function writeAll(): Promise<void> {
    for (current = next(); current !== undefined; current = next()) {
      const isWritten = await write(current)
      current = undefined
      if (isWritten) continue
      isWriting = false
      return
    }
    // From here on nothing is awaited: whoever records something now begins anew.
    isWriting = false
    if (away) onCaughtUp(writtenSinceAway)
    away = false
    for (const listener of listeners.splice(0)) listener()
  }

  /** False when it has to wait. */
  async function write(head: NonNullable<typeof current>): Promise<boolean> {
    const patience = setTimeout(spill, patienceMs).unref()
    try {
      await writeEntry(database, head.entry, AbortSignal.timeout(writeTimeoutMs), onStored)
      writtenSinceAway += 1
    } catch (error) {
      if (isAwayError(error)) {
        failed(error)
        return false
      }
      drop(kindOf(head.entry), recordsOf(head.entry))
      onRefused(head.entry, error)
    } finally {
      clearTimeout(patience)
    }
    forget(head)
    return true
  }

  function failed(error: unknown): void {
    if (!away) {
      onFailed(error)
      writtenSinceAway = 0
    }
    away = true
    spill()
    if (!closed) retry ??= setTimeout(pump, retryMs).unref()
  }

  function pump(): Promise<void> {
    clearTimeout(retry)
    retry = undefined
    if (!isWriting) {
      isWriting = true
      writing = writeAll()
    }
    return writing
  }

  if (mayBeSpooled) void pump()

  return {
    record(entry) {
      waiting.push(entry)
      if (away) spill()
      boundMemory()
      if (retry === undefined) void pump()
    },
    keep(entry) {
      spill()
      spool ??= options.openSpool(dropAll)
      spool.append([entry])
      mayBeSpooled = true
      if (retry === undefined) void pump()
    },
    isAway: () => away,
    reportAway(error) {
      if (!away) failed(error)
    },
    written() {
      const { promise, resolve } = Promise.withResolvers<void>()
      listeners.push(resolve)
      if (retry === undefined) void pump()
      return promise
    },
    size() {
      const onIt = spool === undefined ? undefined : onDisk((disk) => disk.size())
      return { entries: waiting.length + (onIt?.entries ?? 0), bytes: onIt?.bytes ?? 0, dropped }
    },
    async close() {
      closed = true
      const late = setTimeout(spill, patienceMs)
      await pump()
      clearTimeout(late)
      spill()
      spool?.close()
    },
  }
}
