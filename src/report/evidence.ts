import type { SloReport } from '../slo/slo-report.ts'

/** What is known beside the observations. Every part may be missing, and the report then says that it was not looked at. */

/** One thing that happened to a machine, by the platform's record or the service's own. */
export interface MachineEvent {
  readonly machine: string
  readonly region?: string
  /** ISO 8601. */
  readonly at: string
  /** `exit`: the platform saw the process end; the other words are the service's own timeline. */
  readonly kind: 'start' | 'ready' | 'resume' | 'drain' | 'stop' | 'restart' | 'exit'
  /** Of a start or resume. */
  readonly reason?: 'wake' | 'deploy' | 'crash' | 'unknown'
  /** Of a restart by itself: the fault, as a reason code. */
  readonly code?: string
  readonly version?: string
  /** Of ready: wall milliseconds by phase of the start. */
  readonly phases?: Readonly<Record<string, number>>
  /** Of exit. */
  readonly exitCode?: number
  readonly oomKilled?: boolean
  readonly requestedStop?: boolean
  /** Who says so. */
  readonly source: 'fly' | 'service'
}

export const logClasses = ['expected_while_starting', 'warning', 'error', 'database_error', 'gateway_error'] as const
export type LogClass = (typeof logClasses)[number]

export interface LogFindings {
  readonly file: string
  readonly lines: number
  /** Lines that are neither JSON nor the text of `fly logs`. */
  readonly unreadableLines: number
  readonly classes: Readonly<Record<LogClass, { readonly count: number; readonly examples: readonly string[] }>>
}

/** What `/metrics` counted between the first and the last probe; absent members were not there, or were reset. */
export interface MetricsFindings {
  readonly statements?: {
    readonly count: number
    readonly failed: number
    /** Share of statements at or below each bound of the histogram, in seconds. */
    readonly buckets: readonly { readonly upperSeconds: number; readonly count: number }[]
    readonly meanMs: number
  }
  readonly slowStatements?: number
  readonly databaseErrors?: Readonly<Record<string, number>>
  readonly pool?: { readonly max: number; readonly waitingMax: number; readonly activeMax: number }
  readonly requests?: { readonly count: number; readonly serverErrors: number }
  readonly runningSeconds?: number
  readonly starts?: readonly { readonly kind: string; readonly reason: string; readonly count: number }[]
  /** Counters went down in between: another process answered, and what it had counted before is lost. */
  readonly reset: boolean
}

/** A row of pg_stat_statements: normalised text, no values. */
export interface TopStatement {
  readonly query: string
  readonly calls: number
  readonly totalMs: number
  readonly meanMs: number
  readonly maxMs: number
}

/** How the probing itself went. Absent when observations were read from a file or from the history. */
export interface ProbingFacts {
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly planned: number
  readonly sent: number
  /** Probes that began later than they were due, by more than a tenth of the interval. */
  readonly late: number
  readonly latestMs: number
  /** The prober slept or was stopped when they were due or under way, or too many were still under way. */
  readonly missed?: number
  readonly reusedConnections: boolean
  readonly endedEarly: boolean
  readonly controlUrl?: string
  /** Probes come more often than Fly looks for idle machines: a machine that may stop would not while it is probed. */
  readonly keepsAwake?: boolean
}

export interface Evidence {
  readonly machineEvents?: readonly MachineEvent[]
  readonly logs?: LogFindings
  readonly metrics?: MetricsFindings
  readonly statements?: readonly TopStatement[]
  /** What the service itself counted, as of the end of the report. */
  readonly objectives?: SloReport
  readonly probing?: ProbingFacts
  /** Lines of the observation file that could not be used, and the first of them by number and fault. */
  readonly invalidLines?: { readonly count: number; readonly examples: readonly string[] }
  /** What was asked for and could not be read, each as one sentence. */
  readonly gaps: readonly string[]
}
