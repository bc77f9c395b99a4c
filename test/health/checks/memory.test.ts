import { describe, expect, it } from 'vitest'
import type { CheckReading } from '../../../src/health/check.ts'
import { createMemoryCheck } from '../../../src/health/checks/memory.ts'

function run(machineUsedBytes: number, heapUsedBytes: number): CheckReading {
  const check = createMemoryCheck({
    machineMemory: () => ({ usedBytes: machineUsedBytes, totalBytes: 1_000 }),
    heapMemory: () => ({ usedBytes: heapUsedBytes, totalBytes: 1_000 }),
  })
  return check.run(new AbortController().signal) as CheckReading
}

describe('the memory check', () => {
  it('tells the larger share of the two limits in percent', () => {
    expect(run(500, 123)).toEqual({ observedValue: 50, observedUnit: 'percent', threshold: 95 })
    expect(run(500, 849)).toEqual({ observedValue: 84.9, observedUnit: 'percent', threshold: 95 })
  })

  it('warns from 85 % of either limit on, naming the one', () => {
    expect(run(850, 100).degraded).toEqual({ code: 'memory_high', message: "85 % of this machine's memory is in use" })
    expect(run(100, 850).degraded).toEqual({ code: 'memory_high', message: 'V8 uses 85 % of its heap limit' })
  })

  it('fails from 95 % of either limit on', () => {
    const failure = expect.objectContaining({
      code: 'memory_high',
      measurement: { observedValue: 95, observedUnit: 'percent', threshold: 95 },
    })
    expect(() => run(950, 100)).toThrow(failure)
    expect(() => run(100, 950)).toThrow(failure)
  })
})
