import { describe, expect, it } from 'vitest'
import prices from '../../ops/fly-prices.json' with { type: 'json' }
import { monthUsd, runningUsd, runningWhenIdle } from '../../src/report/machine-costs.ts'

const round = { sharedCpuUsd: 1, memoryGbUsd: 4, regionFactor: { iad: 1, sjc: 1.5 } }

describe('the cost of a machine', () => {
  it.each(prices.machine.published)('is what Fly publishes: $usd for $memoryGb GB in $region', ({ usd, ...size }) => {
    expect(runningUsd(prices.machine, size)).toBeCloseTo(usd, 2)
  })

  it('counts CPUs and memory, and multiplies both by the factor of the region', () => {
    expect(runningUsd(round, { region: 'iad', sharedCpus: 2, memoryGb: 0.5 })).toBe(4)
    expect(runningUsd(round, { region: 'sjc', sharedCpus: 2, memoryGb: 0.5 })).toBe(6)
  })

  it('names the file that lacks the price of a region', () => {
    expect(() => runningUsd(round, { region: 'ams', sharedCpus: 1, memoryGb: 1 })).toThrow(
      'no price for the region ams; add its regionFactor to ops/fly-prices.json',
    )
  })
})

describe('the cost of a month', () => {
  const machine = { runningUsd: 10, stoppedUsd: 1 }

  it.each([
    ['stop', 0, 0, 2],
    ['suspend', 1, 1, 11],
    ['suspend', 3, 2, 20],
    ['off', 0, 2, 20],
  ] as const)(
    'without traffic is that of two machines with %s and a minimum of %i: %i run',
    (autoStop, minRunning, running, idleUsd) => {
      const scaling = { machines: 2, minRunning, autoStop }
      expect(runningWhenIdle(scaling)).toBe(running)
      expect(monthUsd(scaling, machine)).toEqual({ idleUsd, busyUsd: 20 })
    },
  )
})
