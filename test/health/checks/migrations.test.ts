import { describe, expect, it } from 'vitest'
import type { MigrationStatus } from '../../../src/db/migration-status.ts'
import { createMigrationsCheck } from '../../../src/health/checks/migrations.ts'

const { signal } = new AbortController()

async function run(status: MigrationStatus) {
  return createMigrationsCheck({ migrationStatus: async () => status }).run(signal)
}

describe('the migrations check', () => {
  it('is healthy when the schema is current', async () => {
    expect(await run({ state: 'current', missing: [], unknown: [] })).toEqual({
      observedValue: 0,
      observedUnit: 'migrations',
      threshold: 0,
    })
  })

  it('is healthy when the schema is ahead, as on the old machines of a rolling deploy', async () => {
    const reading = await run({ state: 'ahead', missing: [], unknown: ['0009_later'] })
    expect(reading.degraded).toBeUndefined()
  })

  it('warns when migrations are missing, with their count and the first one', async () => {
    expect(await run({ state: 'behind', missing: ['0002_two', '0003_three'], unknown: [] })).toEqual({
      observedValue: 2,
      observedUnit: 'migrations',
      threshold: 0,
      degraded: {
        code: 'schema_behind',
        message: "the schema lacks 2 of this version's migrations, from 0002_two on: run medio migrate",
      },
    })
  })

  it('fails as its question fails', async () => {
    const check = createMigrationsCheck({ migrationStatus: () => Promise.reject(new Error('no server')) })
    await expect(check.run(signal)).rejects.toThrow('no server')
  })
})
