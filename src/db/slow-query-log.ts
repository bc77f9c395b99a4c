import { fingerprint, normaliseSql } from './fingerprint.ts'
import type { SlowStatement } from './statement-observer.ts'

/** The fields of the log event `slow_query` that the database knows. Never a parameter's value. */
export interface SlowQuery {
  readonly query: string
  readonly fingerprint: string
  readonly sql: string
  readonly durationMs: number
  readonly acquireMs: number
  readonly rows: number
  /** How many of the same fingerprint were not written since the last one that was. */
  readonly suppressed: number
}

export interface SlowQueryLog {
  tell(statement: SlowStatement): void
}

const intervalMs = 10_000
/** Beyond as many different statements the one that was quiet for longest is forgotten. */
const maxFingerprints = 1_000

/** Writes each kind of slow statement at most once per 10 s, so that a slow database does not fill the log as well. */
export function createSlowQueryLog(options: {
  readonly write: (entry: SlowQuery) => void
  /** Monotonic milliseconds. */
  readonly now?: () => number
}): SlowQueryLog {
  const { write, now = () => performance.now() } = options
  const written = new Map<string, { at: number; suppressed: number }>()

  function tell({ label, text, runMs, acquireMs, rows }: SlowStatement): void {
    const sql = normaliseSql(text)
    const print = fingerprint(sql)
    const last = written.get(print)
    if (last !== undefined && now() - last.at < intervalMs) {
      last.suppressed++
      return
    }
    // Deleted first, because a Map keeps the order of insertion: the oldest is the first.
    written.delete(print)
    written.set(print, { at: now(), suppressed: 0 })
    const [oldest] = written.keys()
    if (written.size > maxFingerprints && oldest !== undefined) written.delete(oldest)
    const suppressed = last?.suppressed ?? 0
    write({
      query: label,
      fingerprint: print,
      sql,
      durationMs: round(runMs),
      acquireMs: round(acquireMs),
      rows,
      suppressed,
    })
  }

  return Object.freeze({ tell })
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
