import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { createSlowQueryLog } from './slow-query-log.ts'
import type { StatementObserver } from './statement-observer.ts'

/** Statements and connections, told to the metrics and the log. */
export function createStatementReport(logger: Logger, metrics: Metrics): StatementObserver {
  const slowQueryLog = createSlowQueryLog({
    write: (fields) => logger.warn({ event: 'slow_query', ...fields }, 'slow query'),
  })
  return {
    statement: (label, failed, runMs) => metrics.statement(label, failed ? 'error' : 'ok', runMs / 1_000),
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
