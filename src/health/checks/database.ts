import { randomUUID } from 'node:crypto'
import type { DeepCheckWrite } from '../../db/deep-check-write.ts'
import type { SideConnection } from '../../db/side-connection.ts'
import { CheckFailure, type CheckReading } from '../check.ts'
import type { CheckWork } from './check-work.ts'
import { latencySince } from './latency.ts'

interface Answer {
  readonly readOnly: boolean
  readonly inRecovery: boolean
}

const question = `select current_setting('transaction_read_only') = 'on' as "readOnly", pg_is_in_recovery() as "inRecovery"`

/**
 * Does Postgres answer, and may it be written to? Asked over a connection of the check's own, so that it never waits
 * in the pool that it judges. Read-only is a warning (reads still work); in a deep run it is a failure.
 */
export function createDatabaseCheck(options: {
  sideConnection: SideConnection
  writeThroughPool: DeepCheckWrite
  machineId: string
}): CheckWork {
  const { sideConnection, writeThroughPool, machineId } = options

  async function run(signal: AbortSignal): Promise<CheckReading> {
    const startedAtMs = performance.now()
    const [answer] = await sideConnection.query<Answer>(question, signal)
    const latency = latencySince(startedAtMs)
    if (answer === undefined) throw new CheckFailure('bad_response', 'Postgres answered without a row', latency)
    if (!answer.readOnly && !answer.inRecovery) return latency
    const message = answer.inRecovery
      ? 'Postgres is a standby (in recovery): point DATABASE_URL at the primary'
      : 'Postgres takes no writes: default_transaction_read_only is on'
    return { ...latency, degraded: { code: 'read_only', message } }
  }

  async function runDeep(signal: AbortSignal): Promise<CheckReading> {
    const startedAtMs = performance.now()
    const nonce = randomUUID()
    const readBack = await writeThroughPool(machineId, nonce, signal)
    const latency = latencySince(startedAtMs)
    if (readBack === nonce) return latency
    throw new CheckFailure('bad_response', 'Postgres gave back another value than was written', latency)
  }

  return { run, runDeep, release: () => sideConnection.release() }
}
