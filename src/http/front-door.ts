import type { IncomingMessage, RequestListener } from 'node:http'
import type { Config } from '../config.ts'
import type { HealthAnswer, HealthRequest } from '../health/routes.ts'
import type { Logger } from '../telemetry/logger.ts'
import { type AnswerHeaders, createAnswerHeaders } from './answer-headers.ts'
import { createClientErrorHandler } from './client-error.ts'
import { clientOf } from './client-of.ts'
import { createEdge } from './edge.ts'
import { closeServer, createHttpServer, listen } from './listen.ts'
import { createRequestIds } from './request-id.ts'
import { shownPath } from './shown-path.ts'

/** The public listener. Answers health from the moment it is open; Express is mounted behind it later. */
export interface FrontDoor {
  readonly nextRequestId: (incoming: string | string[] | undefined) => string
  readonly answerHeaders: AnswerHeaders
  readonly clientOf: (request: IncomingMessage) => string
  open(): Promise<void>
  mount(app: RequestListener): void
  /** Undefined on a Unix socket. */
  port(): number | undefined
  /** Stops accepting and lets running requests finish, until the signal aborts. */
  close(cut: AbortSignal): Promise<void>
  /** Ends every connection. */
  destroy(): void
}

export function createFrontDoor(options: {
  config: Config
  health: (request: HealthRequest) => HealthAnswer | Promise<HealthAnswer>
  draining: () => boolean
  uptimeMs: () => number
  sinceResumeMs: () => number | undefined
  serverTiming: () => string
  /** Undefined until it is loaded. */
  logger: () => Logger | undefined
  onError: (error: unknown, requestId: string) => void
}): FrontDoor {
  const { config, health, draining, logger, onError } = options
  const nextRequestId = createRequestIds(Math.random)
  const answerHeaders = createAnswerHeaders({
    machineId: config.machine.id,
    region: config.machine.region,
    uptimeMs: options.uptimeMs,
    sinceResumeMs: options.sinceResumeMs,
    serverTiming: options.serverTiming,
  })
  const client = clientOf(config.machine.app !== undefined)
  const edge = createEdge({
    ...{ health, nextRequestId, answerHeaders, draining, onError },
    clientOf: client,
    onProblem({ method, url = '' }, statusCode, requestId, detail) {
      const path = shownPath(url)
      logger()?.info({ event: 'request_completed', method, path, statusCode, requestId, detail }, 'request refused')
    },
    onHealthAnswer({ method, url = '' }, statusCode, requestId) {
      const log = logger()
      if (!log?.isLevelEnabled('debug')) return
      const path = shownPath(url)
      log.debug({ event: 'request_completed', method, path, statusCode, requestId }, 'health answered')
    },
  })
  const server = createHttpServer(edge.listener)
  // An expectation other than 100-continue may be ignored (RFC 9110, 10.1.1); Node would answer 417 without our headers.
  server.on('checkExpectation', edge.listener)
  const onClientError = createClientErrorHandler({
    requestId: () => nextRequestId(undefined),
    answerHeaders,
    onProblem: (statusCode, requestId, code) =>
      logger()?.info({ event: 'request_malformed', statusCode, requestId, code }, 'malformed request'),
  })
  server.on('clientError', onClientError)

  return {
    nextRequestId,
    answerHeaders,
    clientOf: client,
    open: () => listen(server, config.listen),
    mount: edge.mount,
    port() {
      const address = server.address()
      return typeof address === 'object' && address !== null ? address.port : undefined
    },
    close: (cut) => closeServer(server, cut),
    destroy: () => server.closeAllConnections(),
  }
}
