import type { IncomingMessage, RequestListener } from 'node:http'
import type { Config } from '../config.ts'
import type { Database } from '../db/queryable.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { AnswerHeaders } from './answer-headers.ts'
import { createApp } from './app.ts'
import { authorise } from './authorise.ts'
import { createDeploymentsRouter } from './deployments-router.ts'
import { createRequestReport } from './request-report.ts'
import { createTokenGate, type TokenGate } from './token-gate.ts'

/** What is public beside health: Express with its routes, and who may use them. */
export interface PublicApp {
  readonly listener: RequestListener
  readonly operatorGate: TokenGate
}

export function createPublicApp(options: {
  config: Config
  version: string
  logger: Logger
  metrics: Metrics
  database: Database
  nextRequestId: (incoming: string | string[] | undefined) => string
  answerHeaders: AnswerHeaders
  clientOf: (request: IncomingMessage) => string
  monotonicMs: () => number
  /** A user's request begins (+1) or is over (-1). */
  onRequest: (change: 1 | -1) => void
  onError: (error: unknown, requestId: string) => void
}): PublicApp {
  const { config, logger, metrics, database, clientOf, onRequest } = options
  const operatorGate = createTokenGate({
    tokens: config.operatorTokens,
    monotonicMs: options.monotonicMs,
    onWrong: (client) => logger.warn({ event: 'token_rejected', client }, 'a wrong operator token'),
  })
  if (config.production && config.operatorTokens.length === 0) {
    const message = 'OPERATOR_TOKEN is not set: /api/health/deep and /checks answer 401 to everybody'
    logger.warn({ event: 'configuration_warning', variable: 'OPERATOR_TOKEN' }, message)
  }
  const report = createRequestReport(logger, metrics)
  const listener = createApp({
    ...options,
    production: config.production,
    index: {
      name: 'medio-backend',
      version: options.version,
      links: { health: '/api/health', deep: '/api/health/deep', deployments: '/api/deployments' },
    },
    routers: [
      createDeploymentsRouter({
        database,
        authoriseRead: authorise(operatorGate, clientOf, config.statusPublic),
        authoriseWrite: authorise(operatorGate, clientOf, false),
        wallMs: Date.now,
        onRecorded: () => metrics.businessAction('deployment_recorded'),
      }),
    ],
    onStarted: () => onRequest(1),
    onFinished(finished) {
      onRequest(-1)
      report(finished)
    },
  })
  return { listener, operatorGate }
}
