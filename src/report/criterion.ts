/** A line of the criteria file (`--criteria FILE` of `medio monitor`): what must hold for the service to pass. */
export const criterionMetrics = [
  /** Milliseconds of the slowest health answer. */
  'health_latency_max_ms',
  /** Of the answers, in milliseconds; null where the count can't carry it. */
  'health_latency_p50_ms',
  'health_latency_p95_ms',
  'health_latency_p99_ms',
  /** Probes whose answer told of a database that could not be reached. */
  'database_connection_errors',
  /** Probes whose answer was not `healthy`. */
  'unhealthy_answers',
  /** Probes answered with 502 or 503. */
  'gateway_errors',
  /** Milliseconds of the slowest statement: of the database check, and of `/metrics` where it was read. */
  'statement_latency_max_ms',
  /** Good of all, from 0 to 1. */
  'availability',
  'cold_starts',
] as const
export type CriterionMetric = (typeof criterionMetrics)[number]

export interface Criterion {
  readonly id: string
  readonly metric: CriterionMetric
  readonly op: '<' | '<=' | '>' | '>=' | '='
  readonly value: number
  /** `all` decides the verdict; absent: judged over both. */
  readonly population?: 'all' | 'warm'
  /** Where nothing in a run tells of it, it is left out of the verdict and named there, instead of holding it open. */
  readonly ifKnown?: boolean
}

export type Verdict = 'met' | 'not_met' | 'not_enough_data'

/** Not every service tells how long its statements take. */
export const defaultCriteria: readonly Criterion[] = [
  { id: 'SC-004', metric: 'health_latency_max_ms', op: '<', value: 1_000 },
  { id: 'SC-005', metric: 'database_connection_errors', op: '=', value: 0 },
  { id: 'SC-006', metric: 'unhealthy_answers', op: '=', value: 0 },
  { id: 'SC-007', metric: 'gateway_errors', op: '=', value: 0 },
  { id: 'SC-010', metric: 'statement_latency_max_ms', op: '<', value: 500, ifKnown: true },
]
