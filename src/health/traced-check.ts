import type { Tracing } from '../telemetry/tracing.ts'
import type { Check, CheckReading, ConfiguredCheck } from './check.ts'
import type { ClassifyFailure } from './check-run.ts'

/**
 * A check whose runs have a span each, in the background and deep, while somebody traces; what it sends belongs to that
 * span. A run that was given up ends it there and then: its promise may stay open for good.
 */
export function tracedCheck(check: Check, tracing: () => Tracing | undefined, classify: ClassifyFailure): Check {
  if (!check.configured) return check
  const { name, run, runDeep } = check

  const traced =
    (work: ConfiguredCheck['run'], isDeep: boolean): ConfiguredCheck['run'] =>
    (signal) => {
      const present = tracing()
      return present === undefined ? work(signal) : runTraced(present, work, isDeep, signal)
    }

  async function runTraced(
    present: Tracing,
    work: ConfiguredCheck['run'],
    isDeep: boolean,
    signal: AbortSignal,
  ): Promise<CheckReading> {
    const attributes = { 'medio.check': name, 'medio.check.deep': isDeep }
    // Below nothing: the engine's timers may have been set within a request that is long over.
    const span = present.begin(`check ${name}`, { kind: 'internal', attributes, headers: {} })
    const giveUp = () => span.end({ failure: { type: isTimeout(signal) ? 'timeout' : 'cancelled' } })
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      const reading = await present.within(span, async () => work(signal))
      const { degraded } = reading
      const status = degraded === undefined ? 'healthy' : 'degraded'
      span.end({ attributes: { 'medio.check.status': status, 'medio.check.code': degraded?.code } })
      return reading
    } catch (error) {
      const { code, message } = classify(error)
      span.end({ attributes: { 'medio.check.status': 'unhealthy' }, failure: { type: code, message } })
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  return { ...check, run: traced(run, false), ...(runDeep !== undefined && { runDeep: traced(runDeep, true) }) }
}

const isTimeout = ({ reason }: AbortSignal) => reason instanceof DOMException && reason.name === 'TimeoutError'
