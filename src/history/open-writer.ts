import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Database } from '../db/queryable.ts'
import type { Observation } from '../observation/observation.ts'
import type { Logger } from '../telemetry/logger.ts'
import { kindOf, recordsOf } from './history-entry.ts'
import { openHistorySpool, spoolExists } from './history-spool.ts'
import { createHistoryWriter, type HistoryWriter } from './history-writer.ts'

/** About 150,000 observations. */
const spoolMaxBytes = 64 * 1_048_576

/** The writer with its spool below `DATA_DIR`, telling the log of every turn for the worse and the better. */
export function openHistoryWriter(options: {
  config: Pick<Config, 'dataDir'>
  database: Database
  logger: Logger
  onStored: (observations: readonly Observation[]) => void
}): HistoryWriter {
  const { config, database, logger, onStored } = options
  const directory = join(config.dataDir, 'history')
  return createHistoryWriter({
    ...{ database, onStored, spoolExists: spoolExists(directory) },
    openSpool: (onDropped) =>
      openHistorySpool({
        ...{ directory, maxBytes: spoolMaxBytes },
        onDropped(dropped) {
          onDropped(dropped)
          const message = 'the history waits for the database for so long that the oldest of it is lost'
          logger.warn({ event: 'history_spool_full', dropped, maxBytes: spoolMaxBytes }, message)
        },
        onBroken(keptAs, error) {
          const message = `what waited on disk is damaged; it is kept as ${keptAs}, and a new file is begun`
          logger.error({ event: 'history_spool_failed', error }, message)
        },
      }),
    onFailed: (error) => logger.warn({ event: 'history_write_failed', error }, 'the history waits for the database'),
    onCaughtUp: (entries) => logger.info({ event: 'history_caught_up', entries }, 'what had waited is written'),
    onRefused(entry, error) {
      const fields = { event: 'history_entry_refused', kind: kindOf(entry), records: recordsOf(entry), error } as const
      logger.error(fields, 'the database will never take this entry of the history; it is lost')
    },
    onSpoolFailed(error) {
      const message = `the history can't wait on disk, and waits in memory; see to the space and the rights of ${directory}`
      logger.error({ event: 'history_spool_failed', error }, message)
    },
  })
}
