import type { SpanStart, Tracing } from './tracing.ts'

/**
 * Calls `work` in a span of its own, while somebody traces. `apart`: below nothing, for what no request asks for; its
 * timers may have been set within one that is long over.
 */
export async function traceWork<T>(
  tracing: Tracing | undefined,
  name: string,
  { apart, ...options }: Pick<SpanStart, 'attributes'> & { readonly apart: boolean },
  work: () => T | Promise<T>,
): Promise<T> {
  if (tracing === undefined || (!apart && tracing.current()?.sampled === false)) return await work()
  const span = tracing.begin(name, { ...options, kind: 'internal', ...(apart && { headers: {} }) })
  try {
    const result = await tracing.within(span, async () => work())
    span.end({})
    return result
  } catch (error) {
    // Without the message, which may quote a value.
    span.end({ failure: { type: error instanceof Error ? error.name : typeof error } })
    throw error
  }
}
