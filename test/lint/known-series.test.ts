import { afterAll, expect, it } from 'vitest'
import { foreignSeries } from '../../src/lint/known-series.ts'
import { createEventLoopLag } from '../../src/telemetry/event-loop-lag.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'

const lag = createEventLoopLag({ windowMs: 50, resolutionMs: 5 })
afterAll(() => lag.stop())

it('the Node.js defaults that rules and runbooks may ask for are in a scrape', async () => {
  const readings = {
    requestsInFlight: () => 0,
    health: () => undefined,
    pool: () => undefined,
    startupPhases: () => [],
    machineTotals: () => undefined,
    restartBudget: () => undefined,
    historySpool: () => undefined,
    spansDropped: () => undefined,
  }
  const build = { version: '1.0.0', commit: 'abc', region: 'iad', machine: 'm1' }
  const text = await createMetrics({ build, lag, readings }).render()
  const announced = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name)
  const ofNode = Object.keys(foreignSeries).filter((name) => /^(?:process|nodejs)_/.test(name))
  expect(ofNode.length).toBeGreaterThan(0)
  expect(ofNode.filter((name) => !announced.includes(name.replace(/(?<=_seconds)_(?:bucket|count|sum)$/, '')))).toEqual(
    [],
  )
})
