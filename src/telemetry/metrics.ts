import { Gauge, Registry } from 'prom-client'
import { createCounterFamily } from './counter-family.ts'
import type { EventLoopLag } from './event-loop-lag.ts'
import { createHistogramFamily } from './histogram-family.ts'
import {
  type BusinessAction,
  businessActions,
  metricDefinitions as definitions,
  httpMethods,
  libraryConfig,
  linesPerSeries,
  reservedLines,
  type SloObjective,
  type SloOutcome,
  type StatementOutcome,
  sloObjectives,
  sloOutcomes,
  sqlStateClasses,
  statementOutcomes,
} from './metric-definitions.ts'
import { empty, type MetricReadings, registerReadings } from './metric-readings.ts'
import { nodeDefaultLines, registerNodeDefaults } from './node-defaults.ts'
import { createSeriesCap, type SeriesCap } from './series-cap.ts'

/** Durations are seconds. Recorders are called per request and per statement: positional, and without an allocation. */
export interface Metrics {
  /** `route` is the matched template, never a path; undefined when none matched. */
  httpRequest(method: string, route: string | undefined, statusCode: number, seconds: number): void
  /** `query` is the statement's static name. */
  statement(query: string, outcome: StatementOutcome, seconds: number): void
  slowQuery(query: string): void
  /** `sqlState`: Postgres' five characters, undefined when the server never answered. */
  databaseError(sqlState: string | undefined): void
  poolAcquire(seconds: number): void
  healthCheck(check: string, seconds: number): void
  sloEvent(objective: SloObjective, outcome: SloOutcome): void
  /** What `sloEvent` has counted since the start of the process. */
  sloCounts(): Readonly<Record<SloObjective, Readonly<Record<SloOutcome, number>>>>
  businessAction(action: BusinessAction): void
  /** Every metric in the Prometheus text format. */
  render(): Promise<string>
}

const overflow = 'overflow'
/** Above every status code: method and code make one number, so that finding a series builds no key. */
const codeSpan = 1_000

export function createMetrics(options: {
  maxSeries?: number
  build: { readonly version: string; readonly commit: string; readonly region: string; readonly machine: string }
  readings: MetricReadings
  lag: EventLoopLag
}): Metrics {
  const dropped = createCounterFamily(definitions.seriesDropped)
  const cap = createSeriesCap(options.maxSeries ?? 2_000, dropped.series({}))
  cap.reserve(nodeDefaultLines + reservedLines())

  const requests = requestDurations(cap)
  const statements = statementDurations(cap)
  const slowQueries = slowQueryCounts(cap)
  const checks = checkDurations(cap)
  const errors = createCounterFamily(definitions.databaseErrors)
  const acquires = createHistogramFamily(definitions.poolAcquireDuration)
  const events = createCounterFamily(definitions.sloEvents)
  const actions = createCounterFamily(definitions.businessActions)
  const families = [requests, statements, slowQueries, errors, acquires, checks, events, actions, dropped]

  // Closed counters begin at 0: `increase()` sees nothing of a series that begins at 1.
  const errorSeries = recordOf(sqlStateClasses, (name) => errors.series({ sqlstate_class: name }))
  const eventSeries = recordOf(sloObjectives, (objective) =>
    recordOf(sloOutcomes, (outcome) => events.series({ objective, outcome })),
  )
  const eventCounts = recordOf(sloObjectives, () => recordOf(sloOutcomes, () => 0))
  const actionSeries = recordOf(businessActions, (action) => actions.series({ action }))

  const registry = new Registry()
  registerReadings(registry, options.readings, (check) => checks.find(check).label)
  new Gauge(libraryConfig(registry, definitions.buildInfo)).set(options.build, 1)
  const scrapeDuration = new Gauge(libraryConfig(registry, definitions.scrapeDuration))
  empty(scrapeDuration)
  registerNodeDefaults(registry, options.lag)

  return {
    httpRequest: requests.record,
    statement: (query, outcome, seconds) => statements.find(query, outcome)(seconds),
    slowQuery: (query) => slowQueries.find(query, undefined)(),
    databaseError: (sqlState) => errorSeries[sqlStateClass(sqlState)](),
    poolAcquire: acquires.series({}),
    healthCheck: (check, seconds) => checks.find(check).record(seconds),
    sloEvent(objective, outcome) {
      eventSeries[objective][outcome]()
      eventCounts[objective][outcome] += 1
    },
    sloCounts: () => eventCounts,
    businessAction: (action) => actionSeries[action](),
    async render() {
      const startedMs = performance.now()
      const text = `${families.map((family) => family.text()).join('\n')}\n${await registry.metrics()}`
      scrapeDuration.set((performance.now() - startedMs) / 1_000)
      return text
    },
  }
}

function requestDurations(cap: SeriesCap) {
  const definition = definitions.httpRequestDuration
  const family = createHistogramFamily(definition)
  const overflowing = family.series({ method: overflow, route: overflow, status_code: overflow })
  const find = cap.table({
    linesPerSeries: linesPerSeries(definition),
    create: (route, methodAndCode: number) =>
      family.series({
        method: httpMethods[Math.floor(methodAndCode / codeSpan)] ?? 'other',
        route,
        status_code: methodAndCode % codeSpan,
      }),
    overflow: () => overflowing,
  })
  const record: Metrics['httpRequest'] = (method, route, statusCode, seconds) => {
    const known = httpMethods.indexOf(method as (typeof httpMethods)[number])
    const methodAndCode = (known === -1 ? httpMethods.length - 1 : known) * codeSpan + statusCode
    find(route ?? 'unmatched', methodAndCode)(seconds)
  }
  return { text: family.text, record }
}

function statementDurations(cap: SeriesCap) {
  const definition = definitions.queryDuration
  const family = createHistogramFamily(definition)
  const overflowing = recordOf(statementOutcomes, (outcome) => family.series({ query: overflow, outcome }))
  const find = cap.table({
    linesPerSeries: linesPerSeries(definition),
    create: (query, outcome: StatementOutcome) => family.series({ query, outcome }),
    overflow: (outcome) => overflowing[outcome],
  })
  return { text: family.text, find }
}

function slowQueryCounts(cap: SeriesCap) {
  const definition = definitions.slowQueries
  const family = createCounterFamily(definition)
  const overflowing = family.series({ query: overflow })
  const find = cap.table({
    linesPerSeries: linesPerSeries(definition),
    create: (query) => family.series({ query }),
    overflow: () => overflowing,
  })
  return { text: family.text, find }
}

/** A check's status and last run are read at each scrape, under the label that its durations got. */
function checkDurations(cap: SeriesCap) {
  const definition = definitions.healthCheckDuration
  const family = createHistogramFamily(definition)
  const overflowing = { label: overflow, record: family.series({ check: overflow }) }
  const find = cap.table({
    linesPerSeries:
      linesPerSeries(definition) +
      linesPerSeries(definitions.healthCheckStatus) +
      linesPerSeries(definitions.healthCheckLastRun),
    create: (check) => ({ label: check, record: family.series({ check }) }),
    overflow: () => overflowing,
  })
  return { text: family.text, find: (check: string) => find(check, undefined) }
}

function sqlStateClass(sqlState: string | undefined): (typeof sqlStateClasses)[number] {
  if (sqlState === undefined) return 'none'
  return sqlStateClasses.find((name) => sqlState.startsWith(name)) ?? 'other'
}

function recordOf<Key extends string, Value>(keys: readonly Key[], make: (key: Key) => Value): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>
}
