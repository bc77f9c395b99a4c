import type { Config } from './config.ts'
import type { OpenDatabase } from './db/open-database.ts'
import type { RunningSelfHealing } from './healing/start-self-healing.ts'
import type { CheckRecord } from './health/check.ts'
import type { RunningHistory } from './history/start-history.ts'
import { type MetricsListener, startMetricsListener } from './http/metrics-listener.ts'
import type { StartupPhase } from './lifecycle/startup-phases.ts'
import { keepWarm } from './status/keep-warm.ts'
import type { ServiceStatus } from './telemetry/metric-definitions.ts'
import type { Telemetry } from './telemetry/telemetry.ts'

export interface AfterReady {
  readonly history: RunningHistory
  /** Undefined when its port could not be bound: no numbers, but the service serves. */
  readonly metricsListener: MetricsListener | undefined
  /** Undefined where it is not enabled. */
  readonly healing: RunningSelfHealing | undefined
  readonly statusWarmth: { stop(): void }
}

/** What nobody waits for at a start: the machine's history, the listener for Prometheus, self-healing. */
export async function startAfterReady(options: {
  config: Config
  version: string
  telemetry: Telemetry
  opened: OpenDatabase
  health: () => { readonly status: ServiceStatus; readonly records: readonly CheckRecord[] }
  port: () => number | undefined
  phases: readonly StartupPhase[]
  startedAt: Date
  uptimeMs: () => number
  isIdle: () => boolean
  /** Reads what the status page shows of the history. */
  warmStatus: () => Promise<void>
  nextRequestId: (incoming: undefined) => string
  onGiveUp: ((code: string) => void) | undefined
}): Promise<AfterReady> {
  const { config, telemetry, phases, opened, health, uptimeMs, isIdle, warmStatus, nextRequestId } = options
  const { logger, metrics, reporter } = telemetry
  const { startHistory } = await import('./history/start-history.ts')
  const history = startHistory({ ...options, database: opened.database })
  const phaseMs = Object.fromEntries(phases.map(({ phase, wallMs }) => [phase, wallMs]))
  history.machine.record({ at: new Date(), kind: 'ready', phases: phaseMs })

  const failed =
    (event: 'metrics_render_failed' | 'metrics_unavailable' | 'status_read_failed', message: string) =>
    (error: unknown) => {
      logger.error({ event, error }, message)
      reporter.capture(error)
    }
  const metricsListener = await startMetricsListener({
    port: config.metricsPort,
    // Fly's collector comes over the private IPv6 network; a workstation has no business showing its metrics.
    host: config.production ? '::' : '127.0.0.1',
    render: metrics.render,
    requestId: () => nextRequestId(undefined),
    onError: failed('metrics_render_failed', 'a scrape failed'),
  }).catch(failed('metrics_unavailable', 'nobody can scrape this process'))
  if (metricsListener !== undefined) {
    logger.info({ event: 'metrics_listening', port: metricsListener.port }, 'metrics are served')
  }
  if (config.sentry?.load === 'after-ready') await reporter.load()
  const healing = config.healing.enabled
    ? (await import('./healing/start-self-healing.ts')).startSelfHealing({
        ...{ ...options, history: history.machine, records: () => health().records, monotonicMs: uptimeMs },
      })
    : undefined
  const statusWarmth = keepWarm({
    ...{ warm: warmStatus, isIdle },
    onError: failed('status_read_failed', 'the status page will have nothing to show while the database is away'),
  })
  return { history, metricsListener: metricsListener ?? undefined, healing, statusWarmth }
}
