import type { Config } from '../config.ts'
import type { LoneTransaction } from '../db/lone-transaction.ts'
import type { Logger } from '../telemetry/logger.ts'
import { createRestartLedger, type RestartLedger } from './restart-ledger.ts'
import { createRestartPermit, type RestartPermit } from './restart-permit.ts'

/** The permit as this machine has it, for the service and for the command alike. */
export function openRestartPermit(
  { machine, dataDir }: Config,
  transaction: LoneTransaction,
  logger: Pick<Logger, 'warn'>,
): { permit: RestartPermit; ledger: RestartLedger } {
  const onRecordFailed = (record: 'database' | 'file', error: unknown) =>
    logger.warn({ event: 'restart_record_failed', record, error }, `self-restarts: the ${record} was of no help`)
  const ledger = createRestartLedger({
    ...{ directory: dataDir, wallMs: Date.now },
    onBroken: (path) => onRecordFailed('file', new Error(`${path} is broken: it counts as a spent budget for an hour`)),
  })
  return { permit: createRestartPermit({ machine, transaction, ledger, random: Math.random, onRecordFailed }), ledger }
}
