/**
 * Tracing as the rest of the service sees it. Seams that measure ask for it each time, and get undefined while nobody
 * traces; OpenTelemetry stands behind it in otlp-tracing.ts, which is imported only then.
 */
export interface Tracing {
  /** Begins a span below the present one; with `headers`, below what they name of a caller, and else below nothing. */
  begin(name: string, options: SpanStart & { readonly headers?: TraceHeaders }): ActiveSpan
  /** A span that is over already. Undefined when its trace is not sampled. */
  record(name: string, options: SpanStart & SpanOutcome & { readonly endMs: number }): SpanIds | undefined
  /** Calls `work` with `span` as the present one, for its spans, log lines and outgoing requests. */
  within<T>(span: ActiveSpan, work: () => T): T
  /** The present span. */
  current(): ActiveSpan | undefined
  /** Since the start of the process. */
  spansDropped(): Readonly<Record<SpanDropReason, number>>
  /** Sends what waits; rejects when some of it was not taken. The caller bounds the wait. */
  close(): Promise<void>
}

/** Of one span: 32 and 16 hexadecimal digits. */
export interface SpanIds {
  readonly traceId: string
  readonly spanId: string
}

export interface ActiveSpan extends SpanIds {
  /** False: the sampler leaves this trace out. Its ids are handed on all the same, with that decision. */
  readonly sampled: boolean
  /** `traceparent` and `tracestate` of a request made within it: https://www.w3.org/TR/trace-context/ */
  headers(): Readonly<Record<string, string>>
  /** Once. */
  end(outcome: SpanOutcome & { readonly name?: string }): void
}

export interface SpanStart {
  readonly kind: 'internal' | 'server' | 'client'
  /** `performance.now()`; now when absent. */
  readonly startMs?: number
  readonly attributes: SpanAttributes
}

export interface SpanOutcome {
  readonly attributes?: SpanAttributes
  /** Fails the span. `type` is a code or a class, from a small set; the message must hold no value of a statement. */
  readonly failure?: { readonly type: string; readonly message?: string } | undefined
}

/** By the names of https://opentelemetry.io/docs/specs/semconv/, and `medio.` where those have none. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>

/** As Node gives them. */
export interface TraceHeaders {
  readonly traceparent?: string | string[] | undefined
  readonly tracestate?: string | string[] | undefined
}

export const spanDropReasons = ['queue_full', 'export_failed'] as const
export type SpanDropReason = (typeof spanDropReasons)[number]
