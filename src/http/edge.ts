import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { HealthAnswer, HealthBody, HealthRequest } from '../health/routes.ts'
import type { AnswerHeaders } from './answer-headers.ts'
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

const healthPath = '/api/health'

export function createEdge(options: {
  health: (request: HealthRequest) => HealthAnswer | Promise<HealthAnswer>
  nextRequestId: (incoming: string | string[] | undefined) => string
  answerHeaders: AnswerHeaders
  /** The caller's address as far as it can be known. */
  clientOf: (request: IncomingMessage) => string
  draining: () => boolean
  /** An answer that no route gave: one log line each. */
  onProblem: (status: number, requestId: string, detail: string) => void
  onHealthAnswer: (request: IncomingMessage, status: number, requestId: string) => void
  onError: (error: unknown, requestId: string) => void
}): Edge {
  const { health, nextRequestId, answerHeaders, clientOf, draining, onProblem, onHealthAnswer, onError } = options
  const mounted = Promise.withResolvers<RequestListener>()
  let app: RequestListener = (request, response) => {
    mounted.promise.then((listener) => listener(request, response))
  }

  function send(request: IncomingMessage, response: ServerResponse, requestId: string, answer: HealthBody): void {
    const headers = answerHeaders(requestId)
    headers.push('Cache-Control', 'no-store', 'Content-Type', answer.contentType)
    headers.push('Content-Length', String(answer.ascii ? answer.body.length : Buffer.byteLength(answer.body)))
    if (answer.headers !== undefined) headers.push(...answer.headers)
    response.writeHead(answer.status, headers)
    if (request.method === 'HEAD') response.end()
    else response.end(answer.body, answer.ascii ? 'latin1' : 'utf8')
  }

  function sendProblem(request: IncomingMessage, response: ServerResponse, requestId: string, problem: Problem): void {
    const headers = Object.entries(problem.headers ?? {}).flat()
    const body = problemBody(problem, requestId)
    send(request, response, requestId, {
      status: problem.status,
      contentType: problemContentType,
      body,
      ascii: false,
      headers,
    })
  }

  function answerHealth(request: IncomingMessage, response: ServerResponse, path: string, query: string): void {
    const requestId = nextRequestId(request.headers['x-request-id'])
    const finish = (answer: HealthAnswer) => {
      if (answer.problem === undefined) {
        send(request, response, requestId, answer)
        onHealthAnswer(request, answer.status, requestId)
      } else {
        sendProblem(request, response, requestId, answer.problem)
        onProblem(answer.problem.status, requestId, answer.problem.detail)
      }
    }
    const fail = (error: unknown) => {
      onError(error, requestId)
      if (response.headersSent) response.destroy()
      else sendProblem(request, response, requestId, { status: 500, detail: 'The health answer failed; see the log.' })
    }
    try {
      const answer = health({
        method: request.method ?? 'GET',
        path,
        query,
        accept: request.headers.accept,
        authorization: request.headers.authorization,
        client: () => clientOf(request),
      })
      if (answer instanceof Promise) answer.then(finish).catch(fail)
      else finish(answer)
    } catch (error) {
      fail(error)
    }
  }

  function refuseMalformed(request: IncomingMessage, response: ServerResponse): void {
    const requestId = nextRequestId(request.headers['x-request-id'])
    const detail = 'The path is not valid percent-encoded UTF-8; encode it again.'
    sendProblem(request, response, requestId, { status: 400, detail })
    onProblem(400, requestId, detail)
  }

  return {
    listener(request, response) {
      if (draining()) response.shouldKeepAlive = false
      const url = request.url ?? '/'
      const queryAt = url.indexOf('?')
      const path = queryAt === -1 ? url : url.slice(0, queryAt)
      if (path.includes('%') && !isDecodable(path)) refuseMalformed(request, response)
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

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
