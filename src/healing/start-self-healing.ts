import type { Config } from '../config.ts'
import type { OpenDatabase } from '../db/open-database.ts'
import type { CheckRecord } from '../health/check.ts'
import type { MachineHistory } from '../history/machine-history.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { createMemoryWatch } from './memory-watch.ts'
import { openRestartPermit } from './open-restart-permit.ts'
import { readPastRestarts } from './past-restarts.ts'
import { createPoolWatch } from './pool-watch.ts'
import { turnMs } from './restart-permit.ts'
import { createSelfHealing, type RefusedRestart } from './self-healing.ts'

export interface RunningSelfHealing {
  /** This process is permitted to end, and about to. */
  gaveUp(): boolean
  refused(): RefusedRestart | undefined
  /** Restarts that are left within the hour; undefined until read. */
  restartBudget(): number | undefined
  stop(): void
}

/** So many looks make a fault, each of them another chance for it to be none; in production one at each run of the checks. */
const looksMin = 24
const tickMaxMs = 5_000

/** Everything that lets this process end itself: what it looks for, whom it asks, and what it tells before it goes. */
export function startSelfHealing(options: {
  config: Config
  telemetry: Pick<Telemetry, 'logger' | 'reporter'>
  opened: OpenDatabase
  records: () => readonly CheckRecord[]
  history: Pick<MachineHistory, 'recordRestart' | 'firstTotals'>
  monotonicMs: () => number
  /** The process must drain and end now. */
  onGiveUp: ((code: string) => void) | undefined
}): RunningSelfHealing {
  const { config, telemetry, opened, records, history, monotonicMs, onGiveUp } = options
  const { logger, reporter } = telemetry
  const { database, loneTransaction, lockWaits } = opened
  let gaveUp = false
  const lastsMs = config.healing.afterMs
  const tickMs = Math.min(lastsMs / looksMin, tickMaxMs)
  const record = (name: string) => records().find((each) => each.name === name)

  const { permit, ledger } = openRestartPermit(config, loneTransaction, logger)
  const past = readPastRestarts({
    ...{ ledger, monotonicMs, firstTotals: history.firstTotals },
    onRead(youngest) {
      // Whoever blocked the loop could not report it, and the supervisor has no way to Sentry.
      if (youngest?.code !== 'event_loop_blocked' || youngest.ageMs - monotonicMs() > turnMs) return
      const error = new Error('self-restart: the event loop was blocked, and the supervisor ended the process')
      logger.error({ event: 'self_restarted', code: youngest.code, error }, error.message)
      reporter.capture(error)
    },
  })

  const selfHealing = createSelfHealing({
    watches: [
      createMemoryWatch({ record: () => record('memory'), monotonicMs, lastsMs }),
      createPoolWatch({
        ...{ pool: database, poolStuckMs: config.health.poolStuckMs, lockWaits, logger },
        looks: Math.ceil(lastsMs / tickMs),
        databaseIsHealthy: () => record('database')?.status === 'healthy',
      }),
    ],
    ...{ tickMs, permit, monotonicMs },
    onGrant({ code, message }, { remaining, recordedIn }) {
      const error = new Error(`self-restart: ${message}`)
      logger.error({ event: 'self_restart', code, remaining, recordedIn, error }, error.message)
      reporter.capture(error)
      if (recordedIn === 'file') history.recordRestart(new Date(), code)
      gaveUp = true
      onGiveUp?.(code)
    },
    onRefusal({ code, message }, { cause, message: why, againInMs }) {
      const error = new Error(`self-restart refused: ${why}: ${message}`)
      const fields = { event: 'self_restart_refused', code, cause, againInMs: Math.round(againInMs), error } as const
      if (cause === 'other_machine') return logger.warn(fields, error.message)
      logger.error(fields, error.message)
      reporter.capture(error)
    },
    onError(error) {
      logger.error({ event: 'self_healing_failed', error }, 'self-healing could not look')
      reporter.capture(error)
    },
  })
  selfHealing.start()

  return {
    gaveUp: () => gaveUp,
    refused: selfHealing.refused,
    restartBudget: past.remaining,
    stop: selfHealing.stop,
  }
}
