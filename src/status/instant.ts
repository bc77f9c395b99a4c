import { formatDuration } from '../health/format/duration.ts'

/** A point in time as the page shows it. */
export interface Instant {
  readonly iso: string
  /** To the minute and in UTC, as the logs have it. */
  readonly text: string
  /** From it to now, such as `4m12s`. */
  readonly age: string
}

export function instant(at: Date, nowMs: number): Instant {
  const iso = at.toISOString()
  return { iso, text: `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`, age: formatDuration(nowMs - at.getTime()) }
}
