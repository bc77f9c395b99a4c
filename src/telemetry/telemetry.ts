import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { createErrorReporter, type ErrorReporter } from './error-reporter.ts'
import { createEventLoopLag, type EventLoopLag } from './event-loop-lag.ts'
import { createLogDestination } from './log-destination.ts'
import { createLogger, type Logger, type LogSink } from './logger.ts'
import type { MetricReadings } from './metric-readings.ts'
import { createMetrics, type Metrics } from './metrics.ts'

/** The four ways in which the service tells of itself. */
export interface Telemetry {
  readonly logger: Logger
  readonly lag: EventLoopLag
  readonly metrics: Metrics
  readonly reporter: ErrorReporter
  /**
   * Tells of the error that ends the process; resolves when it is delivered, or the deadline is over. `traces`: the last
   * spans on their way, which show what led to it, and get a second.
   */
  crash(error: unknown, traces: Promise<void> | undefined): Promise<void>
}

/** Time in which an uncaught error must reach Sentry, the SDK's loading included. */
const crashReportMs = 3_000

const crashTracesMs = 1_000

const standardOutput = 1

export function createTelemetry(options: {
  config: Config
  version: string
  /** Standard output when absent. */
  sink: LogSink | undefined
  readings: MetricReadings
}): Telemetry {
  const { config, version, sink = createLogDestination(standardOutput), readings } = options
  const { machine, secrets, environment, commit = 'unknown' } = config
  const { id, region } = machine
  const base = { machine: id, region, version }
  const logger = createLogger({ level: config.logLevel, base, secrets, destination: sink })
  const lag = createEventLoopLag()
  const metrics = createMetrics({ build: { ...base, commit }, readings, lag })
  const reporter = createErrorReporter({
    ...{ sentry: config.sentry, release: version, environment, machine: id, region, secrets },
    log: logger,
  })

  async function crash(error: unknown, traces: Promise<void> | undefined): Promise<void> {
    logger.fatal({ event: 'uncaught_error', error }, 'an error that nobody caught ends the process')
    reporter.capture(error, { uncaught: true })
    const tracesOver = Promise.race([traces, delay(crashTracesMs)]).catch(() => undefined)
    await Promise.all([reporter.flush(crashReportMs), tracesOver])
    logger.flush()
  }

  return { logger, lag, metrics, reporter, crash }
}
