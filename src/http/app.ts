import express, { type Express, type Router } from 'express'
import type { Tracing } from '../telemetry/tracing.ts'
import type { AnswerHeaders } from './answer-headers.ts'
import { documentHeaders } from './document-headers.ts'
import { createErrorHandler } from './error-handler.ts'
import { methodNotAllowed } from './method-not-allowed.ts'
import { ProblemError } from './problem.ts'
import { type FinishedRequest, observeRequests } from './request-observer.ts'
import { shownPath } from './shown-path.ts'

/** Everything that a request passes, from top to bottom. Health never gets here: see edge.ts. */
export function createApp(options: {
  production: boolean
  index: Readonly<Record<string, unknown>>
  /** Their routes have whole paths: Express forgets where a router was mounted once a route of it fails. */
  routers: readonly Router[]
  nextRequestId: (incoming: string | string[] | undefined) => string
  answerHeaders: AnswerHeaders
  /** Absent: nothing is traced. */
  tracing?: () => Tracing | undefined
  onStarted: () => void
  onFinished: (finished: FinishedRequest) => void
  onError: (error: unknown, requestId: string) => void
}): Express {
  const app = express()
  app.disable('x-powered-by')
  // Answers here are small and private to the moment: a hash of each body would buy nothing.
  app.disable('etag')
  app.set('query parser', 'simple')

  app.use(observeRequests(options))
  app.use(documentHeaders(options.production))
  app
    .route('/')
    .get((_request, response) => {
      response.json(options.index)
    })
    .all(methodNotAllowed(['GET', 'HEAD']))
  for (const router of options.routers) app.use(router)
  app.use((request) => {
    const detail = `There is nothing at ${shownPath(request.originalUrl)}; GET / lists what there is.`
    throw new ProblemError({ status: 404, detail })
  })
  app.use(createErrorHandler(options.onError))
  return app
}
