import type { IncomingMessage, RequestListener } from 'node:http'
import type { Config } from '../config.ts'
import type { Database } from '../db/queryable.ts'
import type { InstanceFacts } from '../health/format/instance-facts.ts'
import type { HealthReport } from '../health/report.ts'
import type { RunningHistory } from '../history/start-history.ts'
import type { ObjectiveTotals } from '../slo/objective-totals.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { AnswerHeaders } from './answer-headers.ts'
import { createApp } from './app.ts'
import { createAttemptLimit } from './attempt-limit.ts'
import { authorise, authorisePage } from './authorise.ts'
import { createDeploymentsRouter } from './deployments-router.ts'
import { createIncidentsRouter } from './incidents-router.ts'
import { createMachinesRouter } from './machines-router.ts'
import { createObservationsRouter } from './observations-router.ts'
import { createReportRouter } from './report-router.ts'
import { limitRequests } from './request-limit.ts'
import { createRequestReport } from './request-report.ts'
import { createSloReports } from './slo-reports.ts'
import { createSloRouter } from './slo-router.ts'
import { createStatusRouter } from './status-router.ts'
import { createTokenGate, type TokenGate } from './token-gate.ts'

/** What is public beside health: Express with its routes, and who may use them. */
export interface PublicApp {
  readonly listener: RequestListener
  readonly operatorGate: TokenGate
  /** Reads what the status page shows of the history, for the time when the database is away. */
  warmStatus(): Promise<void>
}

/** Of buckets by one client: a chart that is reloaded every second, and twice that. */
const readsPerMinute = 120

export function createPublicApp(options: {
  config: Config
  version: string
  logger: Logger
  metrics: Metrics
  database: Database
  /** Undefined until it has begun, after the first answer. */
  history: () => RunningHistory | undefined
  nextRequestId: (incoming: string | string[] | undefined) => string
  answerHeaders: AnswerHeaders
  clientOf: (request: IncomingMessage) => string
  monotonicMs: () => number
  healthReport: () => HealthReport
  facts: () => InstanceFacts
  uptimeMs: () => number
  /** A user's request begins (+1) or is over (-1). */
  onRequest: (change: 1 | -1) => void
  onError: (error: unknown, requestId: string) => void
}): PublicApp {
  const { config, logger, metrics, database, history, clientOf, onRequest, monotonicMs } = options
  const operatorGate = createTokenGate({
    tokens: config.operatorTokens,
    monotonicMs,
    onWrong: (client) => logger.warn({ event: 'token_rejected', client }, 'a wrong operator token'),
  })
  const probeGate = createTokenGate({
    tokens: config.probeTokens,
    monotonicMs,
    onWrong: (client) => logger.warn({ event: 'token_rejected', client }, 'a wrong probe token'),
  })
  if (config.production && config.operatorTokens.length === 0) {
    const message = 'OPERATOR_TOKEN is not set: /api/health/deep and /checks answer 401 to everybody'
    logger.warn({ event: 'configuration_warning', variable: 'OPERATOR_TOKEN' }, message)
  }
  const authoriseRead = authorise(operatorGate, clientOf, config.statusPublic)
  const authoriseWrite = authorise(operatorGate, clientOf, false)
  const sloReport = createSloReports({
    async objectiveTotals(windows) {
      const { selectObjectiveTotals } = await import('../history/slo-minutes.ts')
      const totals: ObjectiveTotals[][] = []
      for (const window of windows) totals.push(await selectObjectiveTotals(database, window))
      return totals
    },
    ...{ wallMs: Date.now, monotonicMs },
  })
  const status = createStatusRouter({
    async source() {
      const { createHistorySource } = await import('../status/history-source.ts')
      return createHistorySource(database, sloReport)
    },
    ...{ report: options.healthReport, facts: options.facts, uptimeMs: options.uptimeMs },
    ...{ wallMs: Date.now, monotonicMs },
    authorisePage: authorisePage(operatorGate, clientOf, config.statusPublic),
    onReadFailed: (error) => logger.warn({ event: 'status_read_failed', error }, 'the status page shows what it knew'),
  })
  const report = createRequestReport(logger, metrics)
  const listener = createApp({
    ...options,
    production: config.production,
    index: {
      name: 'medio-backend',
      version: options.version,
      links: {
        ...{ health: '/api/health', deep: '/api/health/deep', deployments: '/api/deployments' },
        ...{ observations: '/api/observations', machines: '/api/machines', incidents: '/api/incidents' },
        ...{ slo: '/api/slo', report: '/api/report', status: '/status' },
      },
    },
    routers: [
      createDeploymentsRouter({
        ...{ database, authoriseRead, authoriseWrite },
        wallMs: Date.now,
        writer: () => history()?.writer,
        onRecorded: () => metrics.businessAction('deployment_recorded'),
      }),
      createObservationsRouter({
        ...{ database, history, authoriseRead, monotonicMs, retentionDays: config.history.retentionDays },
        authoriseWrite: authorise(probeGate, clientOf, false),
        limitReads: limitRequests(
          createAttemptLimit({ attemptsMax: readsPerMinute, windowMs: 60_000, monotonicMs }),
          clientOf,
        ),
        onStored: async (observations) => {
          const { countStored } = await import('../history/observation-events.ts')
          countStored(metrics, observations)
        },
        wallMs: Date.now,
      }),
      createMachinesRouter({ database, authoriseRead }),
      createIncidentsRouter({
        ...{ database, authoriseRead, authoriseWrite },
        isOperator: (request) => {
          const { authorization } = request.headers
          return (
            authorization !== undefined && operatorGate.check(authorization, clientOf(request)).verdict === 'granted'
          )
        },
        onAcknowledged: () => metrics.businessAction('incident_acknowledged'),
      }),
      createSloRouter({ sloReport, authoriseRead }),
      createReportRouter({
        ...{ database, wallMs: Date.now },
        authorisePage: authorisePage(operatorGate, clientOf, false),
      }),
      status.router,
    ],
    onStarted: () => onRequest(1),
    onFinished(finished) {
      onRequest(-1)
      report(finished)
    },
  })
  return { listener, operatorGate, warmStatus: status.warm }
}
