import type { Config } from '../config.ts'
import { type Delivery, deliveryOfError, deliveryOfStatus, failed } from './delivery.ts'
import type { Logger } from './logger.ts'
import { createRedaction } from './redaction.ts'
import { requestContext } from './request-context.ts'
import type { SpanAttributes, Tracing } from './tracing.ts'

/** Loads OpenTelemetry where an endpoint is set. Without it, or if it can't be loaded, the service goes on untraced. */
export async function startTracing(options: {
  config: Config
  version: string
  logger: Pick<Logger, 'info' | 'warn' | 'error'>
}): Promise<Tracing | undefined> {
  const { config, version, logger } = options
  const { tracing } = config
  if (tracing === undefined) return undefined
  const startedMs = performance.now()
  try {
    const { createOtlpTracing } = await import('./otlp-tracing.ts')
    const started = await createOtlpTracing({
      ...{ tracing, version, resource: resourceOf(config, version) },
      redaction: createRedaction(config.secrets),
      onExport: createExportReport(logger),
    })
    const durationMs = Math.round(performance.now() - startedMs)
    const { sampler, ratio } = tracing
    logger.info({ event: 'tracing_started', sampler, ratio, durationMs }, 'requests and statements are traced')
    return started
  } catch (error) {
    logger.error({ event: 'tracing_unavailable', error }, 'OpenTelemetry could not be loaded; nothing is traced')
    return undefined
  }
}

function resourceOf({ machine, environment, commit }: Config, version: string): SpanAttributes {
  return {
    'service.name': machine.app ?? 'medio-backend',
    'service.version': version,
    'service.instance.id': machine.id,
    'deployment.environment.name': environment,
    'cloud.region': machine.region,
    'vcs.ref.head.revision': commit,
  }
}

/** Once per outage of the collector, and once at its end. */
function createExportReport(logger: Pick<Logger, 'info' | 'warn'>): (error: Error | undefined) => void {
  let isAway = false
  return (error) => {
    if ((error !== undefined) === isAway) return
    isAway = error !== undefined
    // An export runs in the context of whatever request filled its batch.
    requestContext.exit(() => {
      if (error === undefined) {
        logger.info({ event: 'trace_export_recovered' }, 'the collector takes spans again')
        return
      }
      const delivery = deliveryOf(error)
      if (delivery.state !== 'failed') return
      logger.warn({ event: 'trace_export_failed', code: delivery.code }, `spans are lost: ${delivery.message}`)
    })
  }
}

/** The exporter's own errors say what happened in their text only; the status of an answer is their `code`. */
function deliveryOf(error: Error): Delivery {
  const code: unknown = Reflect.get(error, 'code')
  if (typeof code === 'number') return deliveryOfStatus(code)
  if (/timed out|timeout/i.test(error.message)) return failed('timeout', 'the collector did not answer in time')
  if (/retryable status/i.test(error.message)) {
    return failed('bad_response', 'the collector turned them away for now (429, 502, 503 or 504)')
  }
  return code === undefined ? failed('check_failed', error.message) : deliveryOfError(error)
}
