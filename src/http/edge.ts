import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { healthPath } from '../health/paths.ts'
import type { HealthAnswer, HealthBody, HealthRequest } from '../health/routes.ts'
import type { AnswerHeaders } from './answer-headers.ts'
import { originForm } from './origin-form.ts'
import { type Problem, problemBody, problemContentType } from './problem.ts'

/**
 * The first thing that every request meets. Health is answered here, before Express: from memory, and also while
 * Express is not loaded yet or its routes are in trouble (docs/decisions/0007). All other requests wait for the app.
 */
export interface Edge {
  readonly listener: RequestListener
  /** Called once, when Express is loaded; requests that came before are served now. */
  mount(app: RequestListener): void
}

export function createEdge(options: {
  health: (request: HealthRequest) => HealthAnswer | Promise<HealthAnswer>
  nextRequestId: (incoming: string | string[] | undefined) => string
  answerHeaders: AnswerHeaders
  /** The caller's address as far as it can be known. */
  clientOf: (request: IncomingMessage) => string
  draining: () => boolean
  /** An answer that no route gave: one log line each. */
  onProblem: (request: IncomingMessage, status: number, requestId: string, detail: string) => void
  onHealthAnswer: (request: IncomingMessage, status: number, requestId: string) => void
  onError: (error: unknown, requestId: string) => void
}): Edge {
  const { health, nextRequestId, answerHeaders, clientOf, draining, onProblem, onHealthAnswer, onError } = options
  const mounted = Promise.withResolvers<RequestListener>()
  let app: RequestListener = (request, response) => {
    mounted.promise.then((listener) => listener(request, response))
  }

  function send(response: ServerResponse, requestId: string, answer: HealthBody): void {
    const headers = answerHeaders(requestId)
    headers.push('Cache-Control', 'no-store', 'Content-Type', answer.contentType)
    headers.push('Content-Length', String(answer.ascii ? answer.body.length : Buffer.byteLength(answer.body)))
    if (answer.headers !== undefined) headers.push(...answer.headers)
    response.writeHead(answer.status, headers)
    // Node leaves the body out for HEAD.
    response.end(answer.body, answer.ascii ? 'latin1' : 'utf8')
  }

  function sendProblem(response: ServerResponse, requestId: string, problem: Problem): void {
    const headers = Object.entries(problem.headers ?? {}).flat()
    const body = problemBody(problem, requestId)
    send(response, requestId, {
      status: problem.status,
      contentType: problemContentType,
      body,
      ascii: false,
      headers,
    })
  }

  function finish(request: IncomingMessage, response: ServerResponse, requestId: string, answer: HealthAnswer): void {
    if (answer.problem === undefined) {
      send(response, requestId, answer)
      onHealthAnswer(request, answer.status, requestId)
    } else {
      sendProblem(response, requestId, answer.problem)
      onProblem(request, answer.problem.status, requestId, answer.problem.detail)
    }
  }

  function fail(response: ServerResponse, requestId: string, error: unknown): void {
    onError(error, requestId)
    if (response.headersSent) response.destroy()
    else sendProblem(response, requestId, { status: 500, detail: 'The health answer failed; see the log.' })
  }

  function answerHealth(request: IncomingMessage, response: ServerResponse, path: string, query: string): void {
    const { headers } = request
    const requestId = nextRequestId(headers['x-request-id'])
    try {
      const answer = health({
        method: request.method ?? 'GET',
        path,
        query,
        accept: headers.accept,
        authorization: headers.authorization,
        client: () => clientOf(request),
      })
      if (answer instanceof Promise) {
        answer
          .then((later) => finish(request, response, requestId, later))
          .catch((error) => fail(response, requestId, error))
      } else finish(request, response, requestId, answer)
    } catch (error) {
      fail(response, requestId, error)
    }
  }

  function refuse(request: IncomingMessage, response: ServerResponse, detail: string): void {
    const requestId = nextRequestId(request.headers['x-request-id'])
    finish(request, response, requestId, { problem: { status: 400, detail } })
  }

  return {
    listener(request, response) {
      if (draining()) response.shouldKeepAlive = false
      const url = originForm(request.url ?? '/')
      request.url = url
      const queryAt = url.indexOf('?')
      const path = queryAt === -1 ? url : url.slice(0, queryAt)
      const fault = faultOf(request, path)
      if (fault !== undefined) refuse(request, response, fault)
      else if (isHealth(path)) {
        answerHealth(request, response, path.slice(healthPath.length), queryAt === -1 ? '' : url.slice(queryAt + 1))
      } else app(request, response)
    },
    mount(listener) {
      app = listener
      mounted.resolve(listener)
    },
  }
}

function isHealth(path: string): boolean {
  return path.startsWith(healthPath) && (path.length === healthPath.length || path[healthPath.length] === '/')
}

/** What Node lets through and no route should meet. */
function faultOf({ headers, httpVersion }: IncomingMessage, path: string): string | undefined {
  if (path.includes('%') && !isDecodable(path)) return 'The path is not valid percent-encoded UTF-8; encode it again.'
  if (headers.host === undefined && httpVersion === '1.1') return 'HTTP/1.1 needs a Host header; send one.'
  return undefined
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
