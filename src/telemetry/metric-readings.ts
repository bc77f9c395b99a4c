import { Counter, Gauge, type Registry } from 'prom-client'
import {
  metricDefinitions as definitions,
  type HistoryKind,
  historyKinds,
  libraryConfig,
  type MetricDefinition,
  maxStartupPhases,
  type RestartCode,
  restartCodes,
  type ServiceStatus,
  serviceStatuses,
} from './metric-definitions.ts'

/** What is known elsewhere and read at each scrape. Undefined: not known yet, so the metric is absent, never 0. */
export interface MetricReadings {
  requestsInFlight(): number
  health():
    | {
        readonly status: ServiceStatus
        readonly checks: readonly {
          readonly name: string
          readonly status: string
          /** Epoch milliseconds. */
          readonly checkedAt?: number | undefined
        }[]
      }
    | undefined
  pool(): { readonly active: number; readonly idle: number; readonly waiting: number; readonly max: number } | undefined
  startupPhases(): readonly { readonly phase: string; readonly wallMs: number }[]
  /** This machine's totals as kept in Postgres. */
  machineTotals():
    | {
        readonly starts: readonly {
          readonly kind: 'boot' | 'resume'
          readonly reason: 'wake' | 'deploy' | 'crash' | 'unknown'
          readonly count: number
        }[]
        readonly restarts: readonly { readonly code: RestartCode; readonly count: number }[]
        readonly runningSeconds: number
      }
    | undefined
  /** Undefined also where machines don't restart themselves. */
  restartBudget(): number | undefined
  /** What waits for the database, and the records that were lost. */
  historySpool():
    | {
        readonly entries: number
        readonly bytes: number
        readonly dropped: Readonly<Partial<Record<HistoryKind, number>>>
      }
    | undefined
}

const checkValues: Readonly<Record<string, number>> = { healthy: 1, degraded: 0.5, unhealthy: 0, stale: 0 }

type Labels = Record<string, string>
type Sample = readonly [labels: Labels, value: number]

/** `checkLabel` gives the label value of a check: its name, or `overflow` beyond the budget of series. */
export function registerReadings(
  registry: Registry,
  readings: MetricReadings,
  checkLabel: (check: string) => string,
): void {
  function gauge(definition: MetricDefinition, samples: () => readonly Sample[]): void {
    const metric: Gauge<string> = new Gauge({
      ...libraryConfig(registry, definition),
      collect() {
        empty(metric)
        for (const [labels, value] of samples()) metric.set(labels, value)
      },
    })
  }

  function counter(definition: MetricDefinition, samples: () => readonly Sample[]): void {
    const metric: Counter<string> = new Counter({
      ...libraryConfig(registry, definition),
      collect() {
        empty(metric)
        for (const [labels, value] of samples()) metric.inc(labels, value)
      },
    })
  }

  /** The checks that share the overflow label are told by the worst and the oldest of them. */
  function leastByLabel(values: readonly (readonly [check: string, value: number | undefined])[]): Sample[] {
    const least = new Map<string, number>()
    for (const [check, value] of values) {
      if (value === undefined) continue
      const label = checkLabel(check)
      least.set(label, Math.min(value, least.get(label) ?? value))
    }
    return [...least].map(([check, value]) => [{ check }, value])
  }

  const checks = () => readings.health()?.checks ?? []
  gauge(definitions.httpRequestsInFlight, () => [[{}, readings.requestsInFlight()]])
  gauge(definitions.healthStatus, () => {
    const health = readings.health()
    return health === undefined ? [] : serviceStatuses.map((status) => [{ status }, Number(status === health.status)])
  })
  gauge(definitions.healthCheckStatus, () =>
    leastByLabel(checks().map((check) => [check.name, checkValues[check.status]])),
  )
  gauge(definitions.healthCheckLastRun, () =>
    leastByLabel(checks().map((check) => [check.name, secondsOf(check.checkedAt)])),
  )

  const fromPool = (samples: (pool: NonNullable<ReturnType<MetricReadings['pool']>>) => readonly Sample[]) => () => {
    const pool = readings.pool()
    return pool === undefined ? [] : samples(pool)
  }
  const poolStates = fromPool(({ active, idle }) => [
    [{ state: 'active' }, active],
    [{ state: 'idle' }, idle],
  ])
  gauge(definitions.poolConnections, poolStates)
  gauge(
    definitions.poolConnectionsMax,
    fromPool(({ max }) => [[{}, max]]),
  )
  gauge(
    definitions.poolWaiting,
    fromPool(({ waiting }) => [[{}, waiting]]),
  )

  gauge(definitions.startDuration, () =>
    readings
      .startupPhases()
      .slice(0, maxStartupPhases)
      .map(({ phase, wallMs }) => [{ phase }, wallMs / 1_000]),
  )
  counter(
    definitions.machineStarts,
    () => readings.machineTotals()?.starts.map(({ kind, reason, count }) => [{ kind, reason }, count]) ?? [],
  )
  counter(definitions.selfRestarts, () => {
    const restarts = readings.machineTotals()?.restarts
    if (restarts === undefined) return []
    const countOf = (code: RestartCode) => restarts.find((restart) => restart.code === code)?.count ?? 0
    return restartCodes.map((code) => [{ code }, countOf(code)])
  })
  gauge(definitions.selfRestartBudget, () => {
    const remaining = readings.restartBudget()
    return remaining === undefined ? [] : [[{}, remaining]]
  })
  const fromSpool = (pick: (spool: NonNullable<ReturnType<MetricReadings['historySpool']>>) => number) => () => {
    const spool = readings.historySpool()
    return spool === undefined ? [] : ([[{}, pick(spool)]] as const)
  }
  gauge(
    definitions.historySpoolEntries,
    fromSpool(({ entries }) => entries),
  )
  gauge(
    definitions.historySpoolBytes,
    fromSpool(({ bytes }) => bytes),
  )
  counter(definitions.historySpoolDropped, () =>
    historyKinds.map((kind) => [{ kind }, readings.historySpool()?.dropped[kind] ?? 0]),
  )
  counter(definitions.machineRunning, () => {
    const totals = readings.machineTotals()
    return totals === undefined ? [] : [[{}, totals.runningSeconds]]
  })
}

/** The library starts a metric without labels at 0; removing that child leaves the metric absent. */
export function empty(metric: Gauge<string> | Counter<string>): void {
  metric.reset()
  metric.remove({})
}

const secondsOf = (epochMs: number | undefined) => (epochMs === undefined ? undefined : epochMs / 1_000)
