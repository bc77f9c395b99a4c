import type { MigrationStatus } from '../../db/migration-status.ts'
import type { CheckReading } from '../check.ts'
import type { CheckWork } from './check-work.ts'

/** Is the schema at least this version's? Ahead is healthy: so it is for the old machines of every rolling deploy. */
export function createMigrationsCheck(options: {
  migrationStatus: (signal: AbortSignal) => Promise<MigrationStatus>
}): CheckWork {
  async function run(signal: AbortSignal): Promise<CheckReading> {
    const { state, missing } = await options.migrationStatus(signal)
    const reading = { observedValue: missing.length, observedUnit: 'migrations', threshold: 0 }
    if (state !== 'behind') return reading
    const message = `the schema lacks ${missing.length} of this version's migrations, from ${missing[0]} on: run medio migrate`
    return { ...reading, degraded: { code: 'schema_behind', message } }
  }

  return { run }
}
