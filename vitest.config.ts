import { defineConfig } from 'vitest/config'

/** For tests that start processes: generous, because a time-out here means a hang and not a slow machine. */
const processTestTimeoutMs = 30_000

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/contracts/**', 'test/system/**'],
          testTimeout: processTestTimeoutMs,
        },
      },
      {
        test: {
          name: 'contracts',
          include: ['test/contracts/**/*.test.ts'],
          testTimeout: processTestTimeoutMs,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/postgres-setup.ts'],
          testTimeout: processTestTimeoutMs,
          hookTimeout: processTestTimeoutMs,
        },
      },
    ],
  },
})
