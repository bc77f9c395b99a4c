/** The service's metrics, filled beyond the cap of series. RENDERINGS EXPOSITION_FILE; the file is for the peer to rebuild. */
import { writeFileSync } from 'node:fs'
import { createEventLoopLag } from '../../src/telemetry/event-loop-lag.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { printRenderingCost } from './rendering-cost.ts'

const [renderings, file] = process.argv.slice(2)
const checks = [
  'database',
  'pool',
  'migrations',
  'redis',
  's3',
  'event_loop',
  'memory',
  'disk',
  'cpu',
  'clock',
  'sentry',
]
const metrics = createMetrics({
  build: { version: '1.0.0', commit: '0123456789abcdef', region: 'iad', machine: '28715d4c671438' },
  lag: createEventLoopLag(),
  readings: {
    requestsInFlight: () => 3,
    health: () => ({
      status: 'healthy',
      checks: checks.map((name) => ({ name, status: 'healthy', checkedAt: 1_795_000_000_123 })),
    }),
    pool: () => ({ active: 1, idle: 3, waiting: 0, max: 10 }),
    startupPhases: () => [{ phase: 'listen', wallMs: 38.4 }],
    machineTotals: () => ({
      starts: [{ kind: 'boot', reason: 'wake', count: 12 }],
      restarts: [],
      runningSeconds: 1234.5,
    }),
    restartBudget: () => 3,
    historySpool: () => undefined,
  },
})

for (const [index, check] of checks.entries()) metrics.healthCheck(check, 0.0123 * (index + 1))
for (let index = 0; index < 60; index += 1) {
  metrics.statement(`statement_${index}`, 'ok', 0.00137 * (index + 1))
  metrics.slowQuery(`statement_${index}`)
}
// As many routes as fill what is left of the cap, and more.
for (let index = 0; index < 500; index += 1) {
  metrics.httpRequest('GET', `/api/resources-${index}/:id`, index % 7 === 0 ? 404 : 200, 0.00317 * (index + 1))
}

const text = await metrics.render()
if (!/^metrics_series_dropped_total [1-9]/m.test(text)) throw new Error('the cap of series was not reached')
writeFileSync(file ?? '', text)
await printRenderingCost(() => metrics.render(), Number(renderings))
process.exit(0)
