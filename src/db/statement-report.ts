import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { traceWork } from '../telemetry/traced-work.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import { createSlowQueryLog } from './slow-query-log.ts'
import type { StatementObserver } from './statement-observer.ts'
import { createStatementSpans } from './statement-span.ts'

const transactionAttributes = { 'db.system.name': 'postgresql' }

/** Statements and connections, told to the metrics, the log and, once there is one, the trace. */
export function createStatementReport(
  logger: Logger,
  metrics: Metrics,
  tracing: () => Tracing | undefined = () => undefined,
): StatementObserver {
  const slowQueryLog = createSlowQueryLog({
    write: (fields) => logger.warn({ event: 'slow_query', ...fields }, 'slow query'),
  })
  return {
    statement: (label, failed, runMs, _acquireMs, span) =>
      metrics.statement(label, failed ? 'error' : 'ok', runMs / 1_000, span),
    tracer: createStatementSpans(tracing),
    inTransaction(work) {
      const present = tracing()
      return present === undefined ? work() : traceWork(present, 'transaction', transactionAttributes, work)
    },
    slow(statement) {
      metrics.slowQuery(statement.label)
      slowQueryLog.tell(statement)
    },
    failed(query, sqlState, error) {
      metrics.databaseError(sqlState)
      logger.warn({ event: 'statement_failed', query, sqlState, error }, 'a statement failed')
    },
    acquired: (waitMs) => metrics.poolAcquire(waitMs / 1_000),
    leak: ({ heldMs, place }) =>
      logger.warn({ event: 'client_held', heldMs: Math.round(heldMs), place }, 'a client is held for too long'),
    poolError: (error) => logger.warn({ event: 'database_connection_lost', error }, 'an idle connection broke'),
  }
}
