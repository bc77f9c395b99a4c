import type { ActiveSpan, Tracing } from './tracing.ts'

/**
 * `fetch` with a span for each request, and the trace context in its headers, while somebody traces. Neither queries
 * nor credentials of a URL get into the span. https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span
 */
export function createTracedFetch(tracing: () => Tracing | undefined): typeof fetch {
  return async (input, init = {}) => {
    const present = tracing()
    if (present === undefined) return fetch(input, init)
    const { href } = input instanceof Request ? new URL(input.url) : new URL(input)
    const span = beginSpan(present, new URL(href), init.method ?? 'GET')
    const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined))
    for (const [name, value] of Object.entries(span.headers())) headers.set(name, value)
    try {
      const response = await fetch(input, { ...init, headers })
      const { status } = response
      span.end({
        attributes: { 'http.response.status_code': status },
        failure: status >= 400 ? { type: String(status) } : undefined,
      })
      return response
    } catch (error) {
      span.end({ failure: { type: failureType(error) } })
      throw error
    }
  }
}

function beginSpan(tracing: Tracing, url: URL, method: string): ActiveSpan {
  const { protocol, hostname, port, origin, pathname } = url
  return tracing.begin(method, {
    kind: 'client',
    attributes: {
      'http.request.method': method,
      'url.full': `${origin}${pathname}`,
      'server.address': hostname,
      'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    },
  })
}

/** The system's code (`ECONNREFUSED`), which `fetch` hides in a cause, or the class (`TimeoutError`). */
function failureType(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.name
}
