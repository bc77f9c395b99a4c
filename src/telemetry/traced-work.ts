import type { SpanAttributes, Tracing } from './tracing.ts'

/** Calls `work` in a span of its own, unless the trace that it belongs to is left out. */
export async function traceWork<T>(
  tracing: Tracing,
  name: string,
  attributes: SpanAttributes,
  work: () => Promise<T>,
): Promise<T> {
  if (tracing.current()?.sampled === false) return work()
  const span = tracing.begin(name, { kind: 'internal', attributes })
  try {
    const result = await tracing.within(span, work)
    span.end({})
    return result
  } catch (error) {
    // Without the message, which may quote a value.
    span.end({ failure: { type: error instanceof Error ? error.name : typeof error } })
    throw error
  }
}
