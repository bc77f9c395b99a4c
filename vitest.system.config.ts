import { defineConfig } from 'vitest/config'

/** Tests that need packages of the system; `npm test` needs none. */
export default defineConfig({
  test: {
    name: 'system',
    include: ['test/system/**/*.test.ts'],
    globalSetup: ['test/system/install.ts', 'test/support/app-tree-setup.ts', 'test/support/postgres-setup.ts'],
    // Load and machine starts need the cores for themselves.
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
