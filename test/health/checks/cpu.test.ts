import { describe, expect, it } from 'vitest'
import { createCpuCheck } from '../../../src/health/checks/cpu.ts'

const { signal } = new AbortController()

describe('the CPU check', () => {
  it('tells the share of the CPU', () => {
    const reading = createCpuCheck({ cpuPercent: () => 5.26 }).run(signal)
    expect(reading).toEqual({ observedValue: 5.3, observedUnit: 'percent', threshold: 90 })
  })

  it('warns from 90 % on and never fails', () => {
    const reading = createCpuCheck({ cpuPercent: () => 100 }).run(signal)
    expect(reading).toMatchObject({
      observedValue: 100,
      degraded: { code: 'cpu_high', message: 'this process used 100 % of the CPU' },
    })
  })
})
