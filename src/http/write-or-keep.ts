import type { HistoryEntry } from '../history/history-entry.ts'
import type { HistoryWriter } from '../history/history-writer.ts'
import { ProblemError } from './problem.ts'

/** What keeps on disk, in order, what the database does not take now. */
export type KeepingWriter = Pick<HistoryWriter, 'isAway' | 'reportAway' | 'keep'>

/**
 * Writes at once, or keeps the entry on disk for the time when the database is back: undefined then. `writer` is absent
 * until the history has begun; throws 503 where neither takes it.
 */
export async function writeOrKeep<T>(options: {
  writer: KeepingWriter | undefined
  entry: HistoryEntry
  write: () => Promise<T>
}): Promise<T | undefined> {
  const { writer, entry, write } = options
  if (writer?.isAway()) return keep(writer, entry)
  try {
    return await write()
  } catch (error) {
    const { isAwayError } = await import('../history/away-error.ts')
    if (!isAwayError(error)) throw error
    writer?.reportAway(error)
    return keep(writer, entry)
  }
}

function keep(writer: KeepingWriter | undefined, entry: HistoryEntry): undefined {
  try {
    if (writer === undefined) throw new Error('the history has not begun')
    writer.keep(entry)
    return undefined
  } catch {
    // The writer has told the log of a disk that refuses.
    const detail = 'Neither the database nor the disk takes this now; send it again as it is.'
    throw new ProblemError({ status: 503, detail, headers: { 'Retry-After': '5' } })
  }
}
