/** What the status page reads, and how it is known: records of the history, each with the instant of its reading. */
import type { DailyAvailability } from '../history/daily-availability.ts'
import type { Deployment } from '../history/deployments.ts'
import type { Incident } from '../history/incidents.ts'
import type { KnownMachine } from '../history/machines.ts'
import type { ObservationBucket } from '../history/select-buckets.ts'
import type { TimeWindow } from '../slo/objective-totals.ts'
import type { SloReport } from '../slo/slo-report.ts'

/** Outside probes that began within `latencyBucketMs` from `at` on. */
export type LatencyBucket = Pick<ObservationBucket, 'at' | 'count' | 'ok' | 'cold' | 'p50Ms' | 'p95Ms' | 'maxMs'>
/** By whom it was acknowledged is for the operator, and the page may be public. */
export type ShownIncident = Omit<Incident, 'acknowledgedBy' | 'acknowledgedNote' | 'evidence'>
export type ShownMachine = Pick<KnownMachine, 'id' | 'region' | 'lastSeenAt' | 'runningSeconds'>

export const latencyBucketMs = 5 * 60_000

export interface StatusHistory {
  readonly days: readonly DailyAvailability[]
  readonly latency: readonly LatencyBucket[]
  readonly incidents: readonly ShownIncident[]
  readonly machines: readonly ShownMachine[]
  readonly deployments: readonly Deployment[]
  readonly slo: SloReport
}

export interface StatusSource {
  /** Days without a probe may be missing. */
  dailyAvailability(window: TimeWindow): Promise<StatusHistory['days']>
  /** Buckets without a probe may be missing. */
  latencyBuckets(window: TimeWindow): Promise<StatusHistory['latency']>
  /** Every open one, and the latest closed ones. */
  incidents(): Promise<StatusHistory['incidents']>
  machines(): Promise<StatusHistory['machines']>
  /** Newest first. */
  deployments(): Promise<StatusHistory['deployments']>
  sloReport(): Promise<SloReport>
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
