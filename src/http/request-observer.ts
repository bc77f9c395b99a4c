import type { Request, RequestHandler, Response } from 'express'
import { requestContext } from '../telemetry/request-context.ts'
import type { SpanIds, Tracing } from '../telemetry/tracing.ts'
import type { AnswerHeaders } from './answer-headers.ts'
import { beginRequestSpan, requestOutcome } from './request-span.ts'
import { shownPath } from './shown-path.ts'

/** What is told of a finished request. `route` is a template, never a raw path. */
export interface FinishedRequest {
  readonly method: string
  readonly route: string
  readonly path: string
  readonly statusCode: number
  readonly durationMs: number
  /** The caller went away before the answer was complete. */
  readonly aborted: boolean
  /** Why the request was refused (4xx). */
  readonly detail: string | undefined
  readonly error: unknown
  /** Where its trace is sampled. */
  readonly span: SpanIds | undefined
}

/** nginx's word for a request whose caller closed the connection first. */
const callerClosed = 499

/** First middleware: the request's id, span, context for logs and headers, and one report when it is over. */
export function observeRequests(options: {
  nextRequestId: (incoming: string | string[] | undefined) => string
  answerHeaders: AnswerHeaders
  tracing?: () => Tracing | undefined
  onStarted: () => void
  onFinished: (finished: FinishedRequest) => void
}): RequestHandler {
  const { nextRequestId, answerHeaders, tracing, onStarted, onFinished } = options
  return (request, response, next) => {
    const begunMs = performance.now()
    const requestId = nextRequestId(request.headers['x-request-id'])
    response.locals.requestId = requestId
    const headers = answerHeaders(requestId)
    for (let index = 0; index < headers.length; index += 2) {
      response.setHeader(headers[index] as string, headers[index + 1] as string)
    }
    onStarted()
    const present = tracing?.()
    const span = present === undefined ? undefined : beginRequestSpan(present, request, { requestId, startMs: begunMs })
    const context = {
      requestId,
      flyRequestId: request.headers['fly-request-id'] as string | undefined,
      span,
      route: () => routeOf(request),
    }
    response.on('close', () => {
      const finished = describe(request, response, performance.now() - begunMs, span?.sampled ? span : undefined)
      span?.end(requestOutcome(finished, request))
      requestContext.run(context, () => onFinished(finished))
    })
    requestContext.run(context, next)
  }
}

function describe(
  request: Request,
  response: Response,
  durationMs: number,
  span: SpanIds | undefined,
): FinishedRequest {
  const aborted = !response.writableFinished
  return {
    method: request.method,
    route: routeOf(request) ?? 'unmatched',
    path: shownPath(request.originalUrl),
    statusCode: aborted ? callerClosed : response.statusCode,
    durationMs,
    aborted,
    detail: response.locals.detail as string | undefined,
    error: response.locals.error,
    span,
  }
}

function routeOf(request: Request): string | undefined {
  const path = (request.route as { path?: unknown } | undefined)?.path
  return typeof path === 'string' ? path : undefined
}
