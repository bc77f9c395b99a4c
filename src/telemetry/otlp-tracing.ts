/**
 * The only file that starts OpenTelemetry's SDK, and itself imported at the first need. Nothing of it is registered
 * globally: spans are begun by our seams, and the present one is kept in the request context.
 */
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import type { Config } from '../config.ts'
import { createOtlpExporter } from './otlp-exporter.ts'
import type { Redaction } from './redaction.ts'
import { requestContext } from './request-context.ts'
import { samplerOf } from './sampler.ts'
import { createSpanQueue } from './span-queue.ts'
import type { ActiveSpan, SpanAttributes, SpanIds, SpanOutcome, SpanStart, TraceHeaders, Tracing } from './tracing.ts'

const kinds = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT }
/** Of one value; a statement is cut to 1,000 characters before. */
const valueLengthMax = 2_048

export async function createOtlpTracing(options: {
  tracing: NonNullable<Config['tracing']>
  version: string
  /** What this process is: https://opentelemetry.io/docs/specs/semconv/resource/ */
  resource: SpanAttributes
  redaction: Redaction | undefined
  onExport: (error: Error | undefined) => void
}): Promise<Tracing> {
  const { redaction, version } = options
  const { exportTimeoutMs, maxQueueSize, scheduleDelayMs, ...config } = options.tracing
  const queue = createSpanQueue({
    exporter: await createOtlpExporter(options.tracing),
    ...{ maxQueueSize, scheduleDelayMs, exportTimeoutMs, onExport: options.onExport },
  })
  const resource = { ...options.resource, ...config.resourceAttributes, ...given('service.name', config.serviceName) }
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes(present(resource))),
    sampler: samplerOf(config.sampler, config.ratio),
    spanLimits: { attributeValueLengthLimit: valueLengthMax },
    spanProcessors: [queue.processor],
  })
  const tracer = provider.getTracer('medio-backend', version)
  const propagator = new W3CTraceContextPropagator()
  const spans = new WeakMap<ActiveSpan, Span>()

  const current = () => requestContext.getStore()?.span

  /** Texts may come from outside: a path, a message. */
  function clean(attributes: SpanAttributes): Record<string, string | number | boolean> {
    const found = present(attributes)
    return redaction === undefined ? found : redaction.value(found)
  }

  function start(name: string, { kind, startMs, attributes }: SpanStart, parent: Context): Span {
    const times = startMs === undefined ? {} : { startTime: startMs }
    return tracer.startSpan(name, { kind: kinds[kind], attributes: clean(attributes), ...times }, parent)
  }

  function finish(span: Span, { attributes, failure }: SpanOutcome, endMs: number): void {
    if (attributes !== undefined) span.setAttributes(clean(attributes))
    if (failure !== undefined) {
      const { type, message } = failure
      span.setAttribute('error.type', type)
      const text = message === undefined ? {} : { message: redaction?.text(message) ?? message }
      span.setStatus({ code: SpanStatusCode.ERROR, ...text })
    }
    span.end(endMs)
  }

  function parentOf(headers: TraceHeaders | undefined): Context {
    if (headers !== undefined) return propagator.extract(ROOT_CONTEXT, headers, getter)
    const span = current()
    const parent = span === undefined ? undefined : spans.get(span)
    return parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent)
  }

  return {
    begin(name, begun) {
      const span = start(name, begun, parentOf(begun.headers))
      const { traceId, spanId, traceFlags } = span.spanContext()
      const active: ActiveSpan = {
        ...{ traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 },
        headers() {
          const carrier: Record<string, string> = {}
          propagator.inject(trace.setSpan(ROOT_CONTEXT, span), carrier, setter)
          return carrier
        },
        end(outcome) {
          if (!span.isRecording()) return
          if (outcome.name !== undefined) span.updateName(outcome.name)
          finish(span, outcome, performance.now())
        },
      }
      spans.set(active, span)
      return active
    },
    record(name, ended) {
      const span = start(name, ended, parentOf(undefined))
      if (!span.isRecording()) return undefined
      finish(span, ended, ended.endMs)
      return idsOf(span)
    },
    within: (span, work) => requestContext.run({ ...requestContext.getStore(), span }, work),
    current,
    spansDropped: () => queue.dropped,
    async close() {
      const before = queue.dropped.export_failed
      await provider.shutdown().catch((cause: unknown) => {
        const lost = queue.dropped.export_failed - before
        throw new Error(`the collector did not take the last ${lost} spans; see trace_export_failed in the log`, {
          cause,
        })
      })
    },
  }
}

const getter = { get: (headers: TraceHeaders, key: string) => headers[key as keyof TraceHeaders], keys: () => [] }
const setter = {
  set(carrier: Record<string, string>, key: string, value: string) {
    carrier[key] = value
  },
}

function idsOf(span: Span): SpanIds {
  const { traceId, spanId } = span.spanContext()
  return { traceId, spanId }
}

const given = (name: string, value: string | undefined) => (value === undefined ? {} : { [name]: value })

function present(attributes: SpanAttributes): Record<string, string | number | boolean> {
  const found: Record<string, string | number | boolean> = {}
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) found[name] = value
  return found
}
