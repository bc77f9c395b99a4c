import type { IncomingMessage } from 'node:http'
import type { SpanOutcome, SpanStart, TraceHeaders, Tracing } from '../telemetry/tracing.ts'
import type { FinishedRequest } from './request-observer.ts'
import { shownPath } from './shown-path.ts'

/** https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span; queries and addresses stay out. */
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Begins the span of a request, below the caller's if it names one. Its route is known at the end. */
export function beginRequestSpan(
  tracing: Tracing,
  request: IncomingMessage,
  { requestId, startMs }: { readonly requestId: string; readonly startMs: number },
) {
  const { headers, httpVersion } = request
  const method = knownMethod(request)
  const attributes: SpanStart['attributes'] = {
    'http.request.method': method ?? '_OTHER',
    'url.path': shownPath(request.url ?? '/'),
    'url.scheme': headers['x-forwarded-proto'] === 'https' ? 'https' : 'http',
    'network.protocol.version': httpVersion,
    'medio.request_id': requestId,
    'fly.request_id': firstOf(headers['fly-request-id']),
  }
  const { traceparent, tracestate } = headers as TraceHeaders
  return tracing.begin(method ?? 'HTTP', {
    ...{ kind: 'server', startMs, attributes },
    headers: { traceparent, tracestate },
  })
}

export function requestOutcome(
  { method, route, statusCode, aborted, error }: FinishedRequest,
  request: IncomingMessage,
) {
  const isMatched = route !== 'unmatched'
  const isFailed = statusCode >= 500
  const outcome: SpanOutcome & { name?: string } = {
    ...(isMatched && { name: `${knownMethod(request) ?? 'HTTP'} ${route}` }),
    attributes: {
      ...(isMatched && { 'http.route': route }),
      ...(knownMethod(request) === undefined && { 'http.request.method_original': method }),
      'http.response.status_code': statusCode,
      ...(aborted && { 'medio.aborted': true }),
    },
    ...(isFailed && { failure: { type: error instanceof Error ? error.name : String(statusCode) } }),
  }
  return outcome
}

const knownMethod = ({ method = 'GET' }: IncomingMessage) => (knownMethods.has(method) ? method : undefined)
const firstOf = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header)
