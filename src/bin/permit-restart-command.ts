import manifest from '../../package.json' with { type: 'json' }
import { type Config, readEnv, toConfig } from '../config.ts'
import { createLoneTransaction, type LoneTransaction } from '../db/lone-transaction.ts'
import { ConfigError } from '../errors.ts'
import { openRestartPermit } from '../healing/open-restart-permit.ts'
import { createLogDestination } from '../telemetry/log-destination.ts'
import { createLogger } from '../telemetry/logger.ts'
import { type RestartCode, restartCodes } from '../telemetry/metric-definitions.ts'
import type { Command } from './medio.ts'

const standardOutput = 1

/**
 * `medio permit-restart REASON`: what Node asks for itself, asked by the supervisor for a Node whose loop is stuck.
 * Answers with a log line, within five seconds also when the database hangs.
 */
export const permitRestartCommand: Command = async ([reason, ...rest]) => {
  const code = restartCodes.find((each) => each === reason)
  if (code === undefined || rest.length > 0) {
    process.stderr.write(`usage: medio permit-restart REASON   (${restartCodes.join(', ')})\n`)
    return 2
  }
  try {
    return await ask(toConfig(readEnv(process.env)), code)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const problem of error.problems) process.stderr.write(`configuration: ${problem}\n`)
    return 2
  }
}

async function ask(config: Config, code: RestartCode): Promise<number> {
  const { machine, secrets, logLevel: level } = config
  const base = { machine: machine.id, region: machine.region, version: manifest.version }
  const logger = createLogger({ level, base, secrets, destination: createLogDestination(standardOutput) })
  if (!config.healing.enabled) {
    const fields = { event: 'self_restart_refused', code, cause: 'not_enabled' } as const
    logger.warn(fields, 'self-restart refused: HEALING_ENABLED is false')
    return 1
  }
  const { permit } = openRestartPermit(config, transactionOf(config.database), logger)
  const answer = await permit.ask(code)
  if (answer.granted) {
    const { remaining, recordedIn } = answer
    logger.error({ event: 'self_restart', code, remaining, recordedIn }, 'self-restart permitted')
    return 0
  }
  const { cause, message, againInMs } = answer
  const fields = { event: 'self_restart_refused', code, cause, againInMs: Math.round(againInMs) } as const
  logger.error(fields, `self-restart refused: ${message}; ask again in ${Math.ceil(againInMs / 1_000)} s`)
  return 1
}

/** The embedded server of development is not known here, and as good as away. */
function transactionOf(database: Config['database']): LoneTransaction {
  if (database.url !== undefined) return createLoneTransaction(database.url, database)
  return () => Promise.reject(new Error('DATABASE_URL is not set: the file alone counts'))
}
