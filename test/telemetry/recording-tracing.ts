import type { ActiveSpan, SpanOutcome, SpanStart, TraceHeaders, Tracing } from '../../src/telemetry/tracing.ts'

interface RecordedSpan extends SpanStart {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly headers?: TraceHeaders
  readonly endMs?: number
  readonly failure: SpanOutcome['failure']
}

/** Tracing that writes each span down when it ends, as the seams have told it, with ids counted from 1. */
export function recordingTracing() {
  const spans: RecordedSpan[] = []
  const present: ActiveSpan[] = []
  let count = 0
  const nextIds = () => {
    count += 1
    return { traceId: `trace-${count}`, spanId: `span-${count}` }
  }
  const tracing: Tracing = {
    begin(name, options) {
      const ids = nextIds()
      return {
        ...ids,
        sampled: true,
        headers: () => ({ traceparent: `${ids.traceId}-${ids.spanId}` }),
        end(outcome) {
          const attributes = { ...options.attributes, ...outcome.attributes }
          spans.push({ name, ...options, ...ids, ...outcome, failure: outcome.failure, attributes })
        },
      }
    },
    record(name, options) {
      const ids = nextIds()
      const attributes = { ...options.attributes }
      spans.push({ name, ...options, ...ids, failure: options.failure, attributes })
      return ids
    },
    within(span, work) {
      present.push(span)
      return work()
    },
    current: () => present.at(-1),
    spansDropped: () => ({ queue_full: 0, export_failed: 0 }),
    close: async () => undefined,
  }
  return { tracing, spans: spans as readonly RecordedSpan[], present: present as readonly ActiveSpan[] }
}
