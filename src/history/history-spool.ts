import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { HistoryKind } from '../telemetry/metric-definitions.ts'
import { type HistoryEntry, kindOf, recordsOf } from './history-entry.ts'

/**
 * What waits for Postgres, on disk, in order. SQLite, so that a torn write is undone, and two processes on one directory
 * are kept apart, by code that is known to. Synchronous: entries are few and small, and are written only while the
 * database is away. A write is safe from the end of the process at once, and from a loss of power within seconds
 * (https://www.sqlite.org/pragma.html#pragma_synchronous, NORMAL): an fsync for each would stop the event loop.
 */
export interface HistorySpool {
  /** Throws when the disk refuses. Gives the ids, ascending. When the bound is reached the oldest go, and are told. */
  append(entries: readonly HistoryEntry[]): number[]
  oldest(): SpooledEntry | undefined
  remove(id: number): void
  size(): { readonly entries: number; readonly bytes: number }
  close(): void
}

export interface SpooledEntry {
  readonly id: number
  readonly entry: HistoryEntry
}

/** Records that went, by kind. */
export type Dropped = Partial<Record<HistoryKind, number>>

const fileName = 'history-spool.sqlite'
/** For another process on the same directory, which writes for milliseconds. */
const busyTimeoutMs = 500
/** SQLite's own default page. */
const pageBytes = 4_096

export const spoolExists = (directory: string): boolean => existsSync(join(directory, fileName))

/** `onBroken`: the file was damaged; it is put aside under the name told, and a new one is begun. */
export function openHistorySpool(options: {
  directory: string
  maxBytes: number
  onDropped: (dropped: Dropped) => void
  onBroken: (keptAs: string, error: unknown) => void
}): HistorySpool {
  const { directory, maxBytes, onDropped, onBroken } = options
  const database = openOrReplace(directory, maxBytes, onBroken)
  const insert = database.prepare('insert into entries (kind, records, body) values (?, ?, ?)')
  const selectOldest = database.prepare('select id, body from entries order by id limit 1')
  const removeById = database.prepare('delete from entries where id = ?')
  const removeOldest = database.prepare(
    'delete from entries where id = (select min(id) from entries) returning kind, records, length(body) as bytes',
  )
  const measure = database.prepare('select count(*) as entries, coalesce(sum(length(body)), 0) as bytes from entries')
  const size = () => measure.get() as unknown as { entries: number; bytes: number }

  function append(entries: readonly HistoryEntry[]): number[] {
    const ids: number[] = []
    database.exec('begin immediate')
    try {
      for (const entry of entries) {
        const { lastInsertRowid } = insert.run(kindOf(entry), recordsOf(entry), JSON.stringify(entry))
        ids.push(Number(lastInsertRowid))
      }
      const dropped = dropOldest(removeOldest, size().bytes - maxBytes)
      database.exec('commit')
      if (dropped !== undefined) onDropped(dropped)
    } catch (error) {
      if (database.isTransaction) database.exec('rollback')
      throw error
    }
    return ids
  }

  let hasRoom = false
  return {
    append,
    oldest() {
      const row = selectOldest.get() as { id: number; body: string } | undefined
      if (row !== undefined) return { id: row.id, entry: JSON.parse(row.body) as HistoryEntry }
      // Gives the disk back what the outage took of it.
      if (hasRoom) database.exec('pragma incremental_vacuum; pragma wal_checkpoint(truncate)')
      hasRoom = false
      return undefined
    },
    remove(id) {
      removeById.run(id)
      hasRoom = true
    },
    size,
    close() {
      if (database.isOpen) database.close()
    },
  }
}

function dropOldest(removeOldest: StatementSync, surplusBytes: number): Dropped | undefined {
  if (surplusBytes <= 0) return undefined
  const dropped: Dropped = {}
  for (let left = surplusBytes; left > 0; ) {
    const row = removeOldest.get() as { kind: HistoryKind; records: number; bytes: number } | undefined
    if (row === undefined) break
    dropped[row.kind] = (dropped[row.kind] ?? 0) + row.records
    left -= row.bytes
  }
  return dropped
}

function openOrReplace(
  directory: string,
  maxBytes: number,
  onBroken: (keptAs: string, error: unknown) => void,
): DatabaseSync {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, fileName)
  try {
    return openAt(path, maxBytes)
  } catch (error) {
    if (!isDamage(error)) throw error
    const keptAs = `${path}.broken-${Date.now()}`
    renameSync(path, keptAs)
    for (const ending of ['-wal', '-shm']) if (existsSync(path + ending)) renameSync(path + ending, keptAs + ending)
    onBroken(keptAs, error)
    return openAt(path, maxBytes)
  }
}

function openAt(path: string, maxBytes: number): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs })
  try {
    database.exec(`
      pragma auto_vacuum = incremental;
      pragma journal_mode = wal;
      pragma synchronous = normal;
      pragma cache_size = -512;
      pragma journal_size_limit = 1048576;
      pragma max_page_count = ${Math.ceil((2 * maxBytes) / pageBytes) + 64};
      create table if not exists entries (
        id integer primary key autoincrement, kind text not null, records integer not null, body text not null
      ) strict;
    `)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB: https://www.sqlite.org/rescode.html */
function isDamage(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
  return code === 11 || code === 26
}
