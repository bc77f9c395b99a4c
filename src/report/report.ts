/**
 * What a run of probes proves, as plain data: what every format is written from. A member that is absent was not looked
 * at, one that is null was looked at and can't be told from so few.
 */
import type { Observation } from '../observation/observation.ts'
import type { StartKind } from '../observation/start-kind.ts'
import type { DistributionFigures } from '../statistics/distribution.ts'
import type { Comparison } from './comparison.ts'
import type { Verdict } from './criterion.ts'
import type { Evidence } from './evidence.ts'
import type { MachineFigures } from './machine-figures.ts'

export interface Report {
  readonly target: string
  /** ISO 8601: the first and the last probe; null when there was none. */
  readonly from: string | null
  readonly to: string | null
  readonly verdict: Verdict
  readonly counts: Counts
  readonly latencyMs: Readonly<Record<LatencyPopulation, LatencyFigures>>
  readonly availability: Availability
  readonly series: Series
  readonly stretches: { readonly count: number; readonly listed: readonly Stretch[] }
  readonly outages: Outages
  readonly machines: readonly MachineFigures[]
  readonly happenings: { readonly count: number; readonly listed: readonly Happening[] }
  readonly database: DatabaseFigures
  readonly criteria: readonly CriterionResult[]
  readonly comparison?: Comparison
  readonly costs: Costs
  readonly checklist: readonly ChecklistItem[]
  readonly findings: readonly Finding[]
  /** Up to 1,000 of them, each with what it was classified by; null when there were more. */
  readonly samples: readonly Sample[] | null
  readonly evidence: Evidence
}

export interface Counts {
  /** All that were added. `ok` + `failed` + `offline` + `self`. */
  readonly observations: number
  readonly ok: number
  readonly failed: number
  /** The prober itself had no network. */
  readonly offline: number
  /** The service's own probes of itself: told apart, and part of no figure. */
  readonly self: number
  readonly cold: number
  readonly resume: number
  readonly warm: number
  readonly unclassified: number
  readonly invalidLines: number
  /** Which began before the one that was added before them: the clock was set back, or the file is not in order. */
  readonly outOfOrder: number
}

export const latencyPopulations = ['all', 'warm', 'cold', 'resume'] as const
export type LatencyPopulation = (typeof latencyPopulations)[number]

/** Milliseconds of answers; whoever was not answered has no response time. */
export type LatencyFigures = DistributionFigures

export interface Availability {
  readonly good: number
  readonly total: number
  /** Of total; null when it is 0, and so are the bounds. */
  readonly ratio: number | null
  readonly low: number | null
  readonly high: number | null
  readonly method: string
}

/** Equal intervals of time, as wide as it takes to have at most some hundreds of them. */
export interface Series {
  readonly widthMs: number
  readonly buckets: readonly SeriesBucket[]
}

export interface SeriesBucket {
  /** ISO 8601: the begin. */
  readonly at: string
  readonly count: number
  readonly ok: number
  readonly failed: number
  readonly cold: number
  readonly resume: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly maxMs: number | null
}

/** Probes in a row that told the same. */
export interface Stretch {
  /** `healthStatus` of the answer, or the code of its fault. */
  readonly told: string
  readonly from: string
  readonly to: string
  readonly probes: number
}

/** The sums are of all, listed or not. */
export interface Outages {
  readonly count: number
  readonly leastMs: number
  readonly mostMs: number
  readonly listed: readonly Outage[]
}

/** Bad probes in a row. It began after `lastGoodAt`, at `firstBadAt` at the latest, and ended likewise. */
export interface Outage {
  /** Null: the run began with it. */
  readonly lastGoodAt: string | null
  readonly firstBadAt: string
  readonly lastBadAt: string
  /** Null: it was not over when the run was. */
  readonly firstGoodAt: string | null
  /** It lasted at least from the first to the last bad probe, at most from the last good to the first good one. */
  readonly leastMs: number
  readonly mostMs: number
  readonly probes: number
  readonly codes: readonly CodeCount[]
  /** Machines that were seen to restart within it. */
  readonly restarts: readonly string[]
}

/** `CHECK:CODE` of a reason, an error code of the prober or the proxy, or `http_STATUS`. */
export interface CodeCount {
  readonly code: string
  readonly count: number
}

export type HappeningKind = 'cold' | 'resume' | 'proxy_retry' | 'deploy' | 'machine_changed' | 'restart'

/** What an observation showed beside its own figures. */
export interface Happening {
  readonly kind: HappeningKind
  readonly at: string
  readonly machine?: string
  /** One sentence: what it was told by. */
  readonly evidence: string
  /** Of a restart. `unknown`: no request waited for it, the version is the same, and no record has a reason. */
  readonly cause?: 'wake' | 'deploy' | 'crash' | 'unknown'
  /** Of a restart: the last answer of the process before, and about when the new one began. */
  readonly sinceAt?: string
  readonly startedAt?: string
}

export interface Sample {
  readonly observation: Observation
  readonly kind: StartKind
  readonly happenings: readonly Happening[]
}

export interface DatabaseFigures {
  /** `services.database.responseTime` of the answers, in milliseconds. */
  readonly responseMs: LatencyFigures
  readonly connectionErrors: readonly CodeCount[]
  /** Probes that told nothing of the database. */
  readonly silentProbes: number
}

export interface CriterionResult {
  readonly id: string
  readonly population: 'all' | 'warm'
  /** In words. */
  readonly what: string
  /** `< 1000` */
  readonly target: string
  readonly value: number | null
  readonly unit: 'ms' | 'probes' | 'ratio'
  readonly verdict: Verdict
  readonly evidence: string
  /** Whether the verdict of the report follows from it. */
  readonly decides: boolean
}

export interface Costs {
  /** The date that the prices were read on, `2026-11-22`. */
  readonly pricesReadOn: string
  readonly region: string
  readonly machine: string
  /** Starts that this run saw: each of them runs a machine that would have been stopped. */
  readonly wakes: number
  readonly rows: readonly CostRow[]
  readonly notes: readonly string[]
}

/** Dollars a month. */
export interface CostRow {
  readonly profile: string
  readonly idleUsd: number
  /** Nobody asks but a prober at this run's interval; null when the interval is not known. */
  readonly probedUsd: number | null
  readonly busyUsd: number
}

export interface ChecklistItem {
  readonly question: string
  readonly answer: 'yes' | 'no' | 'not_known'
  readonly evidence: string
}

export interface Finding {
  /** Of the rule that found it, as its file is named. */
  readonly rule: string
  readonly severity: 'critical' | 'warning' | 'note'
  readonly title: string
  readonly evidence: string
  readonly nextStep: string
}
