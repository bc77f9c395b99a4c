import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exposition, wantsOpenMetrics } from '../telemetry/exposition.ts'
import { bind, closeServer } from './listen.ts'
import { type Problem, problemBody, problemContentType } from './problem.ts'

export const metricsPath = '/metrics'
/** Collectors are few; more connections than this is a fault on their side, and must not cost the service memory. */
const maxConnections = 32
const timeouts = { keepAliveTimeout: 75_000, headersTimeout: 5_000, requestTimeout: 5_000 }

export interface MetricsListener {
  readonly port: number
  /** Stops accepting; what still runs when the signal aborts is cut. */
  close(cut: AbortSignal): Promise<void>
}

/**
 * `/metrics` on a port of its own, so that no public listener can show it by a slip. `host`: where Fly's collector comes
 * from (the private network), loopback in development. Scrapes at the same time share one rendering.
 */
export async function startMetricsListener(options: {
  port: number
  host: string
  render: (exemplars: boolean) => Promise<string>
  requestId: () => string
  onError: (error: unknown) => void
}): Promise<MetricsListener> {
  const { port, host, requestId, onError } = options
  // One each: exemplars would break the plain text.
  const renderPlain = shared(() => options.render(false))
  const renderWithExemplars = shared(() => options.render(true))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0]
    if (path !== metricsPath) {
      return refuse(response, { status: 404, detail: `This listener has ${metricsPath} only.` })
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refuse(response, { status: 405, detail: 'Use GET or HEAD.', headers: { Allow: 'GET, HEAD' } })
    }
    const { accept } = request.headers
    const text = await (wantsOpenMetrics(accept) ? renderWithExemplars() : renderPlain())
    const { contentType, body } = exposition(text, accept)
    const headers = {
      'Content-Type': contentType,
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
    }
    response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : body)
  }

  function refuse(response: ServerResponse, problem: Problem): void {
    const id = requestId()
    const headers = { 'Content-Type': problemContentType, 'Cache-Control': 'no-store', 'X-Request-Id': id }
    response.writeHead(problem.status, { ...headers, ...problem.headers }).end(problemBody(problem, id))
  }

  const server = createServer(timeouts, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      onError(error)
      if (response.headersSent) response.destroy()
      else refuse(response, { status: 500, detail: 'The metrics could not be rendered; see the log.' })
    })
  })
  server.maxConnections = maxConnections
  try {
    await bind(server, { port, host })
  } catch (error) {
    throw new Error(`metrics listener: can't bind port ${port} on ${host}; set METRICS_PORT to a free one`, {
      cause: error,
    })
  }
  server.on('error', onError)
  return { port: (server.address() as AddressInfo).port, close: (cut) => closeServer(server, cut) }
}

/** While one run is under way, its callers get that one. */
function shared<Value>(run: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<Value> | undefined
  return () => {
    running ??= run().finally(() => {
      running = undefined
    })
    return running
  }
}
