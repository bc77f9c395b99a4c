import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../config.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { requestContext } from '../telemetry/request-context.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import { createDatabase } from './database.ts'
import { createDeepCheckWrite, type DeepCheckWrite } from './deep-check-write.ts'
import type { EmbeddedPostgres } from './embedded.ts'
import { countLockWaits } from './lock-waits.ts'
import { createLoneTransaction, type LoneTransaction } from './lone-transaction.ts'
import { readMigrations } from './migration-files.ts'
import { type MigrationStatus, migrationStatus } from './migration-status.ts'
import type { Database } from './queryable.ts'
import { createSideConnection, type SideConnection } from './side-connection.ts'
import { createStatementReport } from './statement-report.ts'

/** The database as the service has it: the pool, the health checks' own connection, and the server when it is ours. */
export interface OpenDatabase {
  readonly database: Database
  readonly sideConnection: SideConnection
  readonly writeThroughPool: DeepCheckWrite
  /** Beside the pool, for the restart permit. */
  readonly loneTransaction: LoneTransaction
  migrationStatus(signal: AbortSignal): Promise<MigrationStatus>
  /** Sessions of ours that wait for a lock, asked over the side connection. */
  lockWaits(signal: AbortSignal): Promise<number>
  /** Stops the embedded server, if there is one. */
  stopServer(): Promise<void>
}

const migrateRetryMs = 5_000

/** Starts the embedded Postgres where no server is configured; connects to nothing, since a database may be away. */
export async function openDatabase(options: {
  config: Config
  migrationsDirectory: string
  logger: Logger
  metrics: Metrics
  lookForResume: () => void
  tracing: () => Tracing | undefined
}): Promise<OpenDatabase> {
  const { config, migrationsDirectory, logger, metrics, lookForResume, tracing } = options
  const embedded = config.database.url === undefined ? await startServer(config, logger) : undefined
  const url = embedded?.url ?? config.database.url ?? ''
  const { timeoutMs } = config.health.checks.database
  const observer = createStatementReport(logger, metrics, tracing)
  const database = createDatabase({
    ...{ url, config: config.database, applicationName: 'medio', context: requestContext, lookForResume, observer },
  })
  const sideConnection = createSideConnection({
    ...{ url, connectTimeoutMs: timeoutMs, statementTimeoutMs: timeoutMs, applicationName: 'medio health' },
    ...(observer.tracer !== undefined && { tracer: observer.tracer }),
  })
  const known = (await readMigrations(migrationsDirectory)).map(({ name }) => name)
  // The release command migrates production; anywhere else a start should leave nothing to do by hand.
  const patience = delay(config.health.startupDeadlineMs, undefined, { ref: false })
  if (!config.production) await Promise.race([migrateNow(url, migrationsDirectory, logger), patience])

  return {
    database,
    sideConnection,
    writeThroughPool: createDeepCheckWrite(database, timeoutMs),
    loneTransaction: createLoneTransaction(url, config.database),
    lockWaits: (signal) => countLockWaits(sideConnection, signal),
    migrationStatus: (signal) => migrationStatus((text) => sideConnection.query(text, signal), known),
    stopServer: async () => embedded?.stop(),
  }
}

async function startServer(config: Config, logger: Logger): Promise<EmbeddedPostgres> {
  const { startEmbedded } = await import('./embedded.ts')
  const server = await startEmbedded({ directory: `${config.dataDir}/postgres` })
  logger.info({ event: 'database_started', dataDir: server.dataDir, pid: server.pid }, 'embedded Postgres is up')
  return server
}

/** A database that is away keeps nobody from starting: the migration is tried again until it is back. */
async function migrateNow(databaseUrl: string, directory: string, logger: Logger): Promise<void> {
  const { migrate } = await import('./migrate.ts')
  try {
    const { applied } = await migrate({ databaseUrl, directory, log: () => undefined })
    for (const name of applied) logger.info({ event: 'migration_applied', migration: name }, 'migration applied')
  } catch (error) {
    logger.warn({ event: 'migrations_behind', error, retryMs: migrateRetryMs }, 'migrations were not applied')
    setTimeout(() => void migrateNow(databaseUrl, directory, logger), migrateRetryMs).unref()
  }
}
