import type { Config } from './config.ts'
import type { Database } from './db/queryable.ts'
import { createMachineHistory, type MachineHistory } from './history/machine-history.ts'
import { type MetricsListener, startMetricsListener } from './http/metrics-listener.ts'
import type { StartupPhase } from './lifecycle/startup-phases.ts'
import type { Telemetry } from './telemetry/telemetry.ts'

export interface AfterReady {
  readonly history: MachineHistory
  /** Undefined when its port could not be bound: no numbers, but the service serves. */
  readonly metricsListener: MetricsListener | undefined
}

/** What nobody waits for at a start: the machine's history and the listener for Prometheus. */
export async function startAfterReady(options: {
  config: Config
  version: string
  telemetry: Telemetry
  database: Database
  phases: readonly StartupPhase[]
  startedAt: Date
  uptimeMs: () => number
  isIdle: () => boolean
  nextRequestId: (incoming: undefined) => string
}): Promise<AfterReady> {
  const { config, version, telemetry, phases, nextRequestId } = options
  const { logger, metrics, reporter } = telemetry
  const { commit = null, machine } = config
  const history = createMachineHistory({
    ...options,
    machine,
    running: { version, commit, imageRef: machine.imageRef ?? null },
    onFailed: (error) => logger.warn({ event: 'history_write_failed', error }, 'the history waits for the database'),
  })
  const phaseMs = Object.fromEntries(phases.map(({ phase, wallMs }) => [phase, wallMs]))
  history.record({ at: new Date(), kind: 'ready', phases: phaseMs })

  const failed = (event: 'metrics_render_failed' | 'metrics_unavailable', message: string) => (error: unknown) => {
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
  return { history, metricsListener: metricsListener ?? undefined }
}
