import type { Registry } from 'prom-client'

/**
 * Every metric of the service but the Node.js defaults, as data: the recorder builds them, and rules, dashboards and
 * the contract lint are held against them. Units and suffixes: https://prometheus.io/docs/practices/naming/
 */

export interface MetricDefinition {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** By label: its closed set of values, or `free` for a set that only the run knows; free ones come under the cap. */
  readonly labels?: Readonly<Record<string, readonly string[] | 'free'>>
  /** Upper bounds in seconds. Few: each is a series in every child. */
  readonly buckets?: readonly number[]
}

export const httpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'] as const
export const statementOutcomes = ['ok', 'error'] as const
export type StatementOutcome = (typeof statementOutcomes)[number]
export const serviceStatuses = ['healthy', 'degraded', 'unhealthy', 'starting', 'draining'] as const
export type ServiceStatus = (typeof serviceStatuses)[number]
export const sloObjectives = ['availability', 'latency', 'health', 'freshness', 'cold_start'] as const
export type SloObjective = (typeof sloObjectives)[number]
export const sloOutcomes = ['good', 'bad'] as const
export type SloOutcome = (typeof sloOutcomes)[number]
export const businessActions = ['observation_stored', 'incident_acknowledged', 'deployment_recorded'] as const
export type BusinessAction = (typeof businessActions)[number]
/** Local faults, as reason codes, for which a machine may restart itself. */
export const restartCodes = ['event_loop_blocked', 'memory_high', 'pool_stuck'] as const
export type RestartCode = (typeof restartCodes)[number]
/** What the history records, as its entries are called. */
export const historyKinds = [
  'start',
  'machine_event',
  'restart',
  'deployment',
  'observations',
  'incident',
  'slo',
] as const
export type HistoryKind = (typeof historyKinds)[number]
/** SQLSTATE classes told apart; `none`: the server never answered. https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const sqlStateClasses = [
  ...['08', '22', '23', '25', '28', '3D', '40', '42', '53', '54', '55', '57', '58', 'XX'],
  ...['none', 'other'],
] as const

const checkLabel = { check: 'free' } as const

export const metricDefinitions = {
  httpRequestDuration: {
    name: 'http_request_duration_seconds',
    type: 'histogram',
    help: 'Time from the head of a request to the end of its answer, without health and metrics requests.',
    labels: { method: 'free', route: 'free', status_code: 'free' },
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10],
  },
  httpRequestsInFlight: {
    name: 'http_requests_in_flight',
    type: 'gauge',
    help: 'Requests begun and not yet answered.',
  },
  healthStatus: {
    name: 'health_status',
    type: 'gauge',
    help: 'Status of the service: 1 for the present one, 0 for the others.',
    labels: { status: serviceStatuses },
  },
  healthCheckStatus: {
    name: 'health_check_status',
    type: 'gauge',
    help: 'Status of a check: 1 healthy, 0.5 degraded, 0 unhealthy or stale; absent while not known or not configured.',
    labels: checkLabel,
  },
  healthCheckDuration: {
    name: 'health_check_duration_seconds',
    type: 'histogram',
    help: 'Time that one run of a check took.',
    labels: checkLabel,
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5],
  },
  healthCheckLastRun: {
    name: 'health_check_last_run_timestamp_seconds',
    type: 'gauge',
    help: 'When the last run of a check ended, in Unix time.',
    labels: checkLabel,
  },
  poolConnections: {
    name: 'db_pool_connections',
    type: 'gauge',
    help: 'Open connections of the pool.',
    labels: { state: ['active', 'idle'] },
  },
  poolConnectionsMax: {
    name: 'db_pool_connections_max',
    type: 'gauge',
    help: 'Connections that the pool may open.',
  },
  poolWaiting: {
    name: 'db_pool_waiting',
    type: 'gauge',
    help: 'Callers that wait for a connection of the pool.',
  },
  poolAcquireDuration: {
    name: 'db_pool_acquire_duration_seconds',
    type: 'histogram',
    help: 'Wait for a connection of the pool, opening one included.',
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5],
  },
  queryDuration: {
    name: 'db_query_duration_seconds',
    type: 'histogram',
    help: 'Run time of a statement, without the wait for a connection.',
    labels: { query: 'free', outcome: statementOutcomes },
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5],
  },
  slowQueries: {
    name: 'db_slow_queries_total',
    type: 'counter',
    help: 'Statements above the threshold of the slow-query log.',
    labels: { query: 'free' },
  },
  databaseErrors: {
    name: 'db_errors_total',
    type: 'counter',
    help: 'Failed statements and connections by SQLSTATE class; none: the server never answered.',
    labels: { sqlstate_class: sqlStateClasses },
  },
  startDuration: {
    name: 'process_start_duration_seconds',
    type: 'gauge',
    help: 'Wall time of each phase of this start.',
    labels: { phase: 'free' },
  },
  machineStarts: {
    name: 'machine_starts_total',
    type: 'counter',
    help: 'Starts of this machine since it was created; absent until read from the database.',
    labels: { kind: ['boot', 'resume'], reason: ['wake', 'deploy', 'crash', 'unknown'] },
  },
  machineRunning: {
    name: 'machine_running_seconds_total',
    type: 'counter',
    help: 'Seconds that this machine has run since it was created; absent until read from the database.',
  },
  selfRestarts: {
    name: 'self_restarts_total',
    type: 'counter',
    help: 'Restarts that this machine was permitted to do by itself since it was created; absent until read from the database.',
    labels: { code: restartCodes },
  },
  selfRestartBudget: {
    name: 'self_restart_budget_remaining',
    type: 'gauge',
    help: 'Restarts that this machine may still do by itself within the hour; absent until read from the database.',
  },
  sloEvents: {
    name: 'slo_events_total',
    type: 'counter',
    help: 'Events that an objective counts.',
    labels: { objective: sloObjectives, outcome: sloOutcomes },
  },
  buildInfo: {
    name: 'build_info',
    type: 'gauge',
    help: 'What runs where; always 1.',
    labels: { version: 'free', commit: 'free', region: 'free', machine: 'free' },
  },
  businessActions: {
    name: 'business_actions_total',
    type: 'counter',
    help: 'What users did.',
    labels: { action: businessActions },
  },
  historySpoolEntries: {
    name: 'history_spool_entries',
    type: 'gauge',
    help: 'Entries of the history that wait for the database.',
  },
  historySpoolBytes: {
    name: 'history_spool_bytes',
    type: 'gauge',
    help: 'Bytes of the entries of the history that wait on disk.',
  },
  historySpoolDropped: {
    name: 'history_spool_dropped_total',
    type: 'counter',
    help: 'Records of the history that were lost: the oldest when the spool was full, and those that the database refused.',
    labels: { kind: historyKinds },
  },
  seriesDropped: {
    name: 'metrics_series_dropped_total',
    type: 'counter',
    help: 'Recordings that went to an overflow series because the limit of series was reached.',
  },
  scrapeDuration: {
    name: 'metrics_scrape_duration_seconds',
    type: 'gauge',
    help: 'Time that the previous scrape took to render; absent in the first.',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>

/** Lines that one child of the metric has in a scrape: a histogram adds `+Inf`, `_sum` and `_count` to its buckets. */
export function linesPerSeries(definition: MetricDefinition): number {
  return definition.buckets === undefined ? 1 : definition.buckets.length + 3
}

/** A start has about ten phases, named in the code; the limit keeps a slip from eating the budget of series. */
export const maxStartupPhases = 16

/** Lines that all metrics have before a free label value turns up: closed combinations, and every `overflow`. */
export function reservedLines(): number {
  let lines = maxStartupPhases
  for (const definition of Object.values<MetricDefinition>(metricDefinitions)) {
    const closed = Object.values(definition.labels ?? {}).map((values) => (values === 'free' ? 1 : values.length))
    lines += closed.reduce((product, count) => product * count, linesPerSeries(definition))
  }
  return lines
}

/** The definition as the library's constructors take it. */
export function libraryConfig(registry: Registry, definition: MetricDefinition) {
  return {
    name: definition.name,
    help: definition.help,
    labelNames: Object.keys(definition.labels ?? {}),
    registers: [registry],
    ...(definition.buckets === undefined ? {} : { buckets: [...definition.buckets] }),
  }
}
