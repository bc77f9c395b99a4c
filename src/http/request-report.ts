import { latencyGoodMs } from '../slo/objectives.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { FinishedRequest } from './request-observer.ts'

/** One log line and one measurement for each finished request. */
export function createRequestReport(logger: Logger, metrics: Metrics): (finished: FinishedRequest) => void {
  return ({ method, route, path, statusCode, durationMs, aborted, detail, error, span }) => {
    metrics.httpRequest(method, route, statusCode, durationMs / 1_000, span)
    metrics.sloEvent('availability', statusCode < 500 ? 'good' : 'bad')
    metrics.sloEvent('latency', durationMs <= latencyGoodMs ? 'good' : 'bad')
    const fields = {
      event: 'request_completed',
      method,
      route,
      path,
      statusCode,
      durationMs: Math.round(durationMs * 100) / 100,
      ...(aborted && { aborted }),
      ...(detail !== undefined && { detail }),
      ...(error !== undefined && { error }),
    } as const
    if (error === undefined) logger.info(fields, 'request completed')
    else logger.error(fields, 'request failed')
  }
}
