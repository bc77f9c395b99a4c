/** Statements observed as in the service: into its histograms, and into its log where one is slow or fails. */
import type { StatementObserver } from '../../src/db/statement-observer.ts'
import { createStatementReport } from '../../src/db/statement-report.ts'
import { createEventLoopLag } from '../../src/telemetry/event-loop-lag.ts'
import { createLogDestination } from '../../src/telemetry/log-destination.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'

const standardError = 2

export function createServiceObserver(): StatementObserver {
  const logger = createLogger({
    level: 'info',
    base: { machine: 'bench', region: 'local', version: '1.0.0' },
    secrets: [],
    // Standard output carries the result.
    destination: createLogDestination(standardError),
  })
  const metrics = createMetrics({
    build: { version: '1.0.0', commit: '0123456789abcdef', region: 'local', machine: 'bench' },
    lag: createEventLoopLag(),
    readings: {
      requestsInFlight: () => 0,
      health: () => undefined,
      pool: () => undefined,
      startupPhases: () => [],
      machineTotals: () => undefined,
      restartBudget: () => undefined,
      historySpool: () => undefined,
    },
  })
  return createStatementReport(logger, metrics)
}
