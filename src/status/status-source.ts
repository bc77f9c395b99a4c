/** What the status page reads, and how it is known: records of the history, each with the instant of its reading. */
import type { Deployment } from '../history/deployments.ts'
import type { ReadObjectiveTotals, TimeWindow } from '../slo/objective-totals.ts'
import type { SloReport } from '../slo/slo-report.ts'

/** Outside probes of one day in UTC; those of the service itself are none. */
export interface DailyAvailability {
  /** `YYYY-MM-DD`. */
  readonly day: string
  readonly count: number
  readonly ok: number
}

/** Outside probes that began within `latencyBucketMs` from `at` (ISO 8601) on; null where the count can't carry it. */
export interface LatencyBucket {
  readonly at: string
  readonly count: number
  readonly ok: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly maxMs: number | null
  /** Probes that waited for a machine to start or to resume. */
  readonly cold: number
}

export interface Incident {
  readonly id: number
  readonly check: string
  readonly scope: 'local' | 'shared'
  /** Null for a shared check: every machine sees the same fault. */
  readonly machine: string | null
  /** A reason code. */
  readonly code: string
  readonly openedAt: Date
  readonly closedAt: Date | null
  /** By whom is for the operator, and this page may be public. */
  readonly acknowledgedAt: Date | null
}

export interface Machine {
  readonly id: string
  readonly region: string
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
  readonly runningSeconds: number
}

export const latencyBucketMs = 5 * 60_000

export interface StatusSource {
  /** Days without a probe may be missing. */
  dailyAvailability(window: TimeWindow): Promise<readonly DailyAvailability[]>
  /** Buckets without a probe may be missing. */
  latencyBuckets(window: TimeWindow): Promise<readonly LatencyBucket[]>
  /** Every open one, and the latest closed ones. */
  incidents(): Promise<readonly Incident[]>
  machines(): Promise<readonly Machine[]>
  /** Newest first. */
  deployments(): Promise<readonly Deployment[]>
  objectiveTotals: ReadObjectiveTotals
}

export interface StatusHistory {
  readonly days: readonly DailyAvailability[]
  readonly latency: readonly LatencyBucket[]
  readonly incidents: readonly Incident[]
  readonly machines: readonly Machine[]
  readonly deployments: readonly Deployment[]
  readonly slo: SloReport
}

/** `at`: when it was read, by the wall clock. */
export interface Known<T> {
  readonly value: T
  readonly at: Date
}

/** The last of each that could be read. */
export type KnownHistory = { readonly [Name in keyof StatusHistory]?: Known<StatusHistory[Name]> } & {
  /** Since when not all of it can be read. */
  readonly unreadableSince?: Date
}
