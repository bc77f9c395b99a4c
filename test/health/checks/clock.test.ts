import { describe, expect, it } from 'vitest'
import { createClockCheck } from '../../../src/health/checks/clock.ts'

const { signal } = new AbortController()

function setUp() {
  const clock = { wallMs: 1_700_000_000_000, monotonicMs: 5_000 }
  const check = createClockCheck({ wallMs: () => clock.wallMs, monotonicMs: () => clock.monotonicMs })
  function pass(monotonicMs: number, wallMs = monotonicMs): void {
    clock.monotonicMs += monotonicMs
    clock.wallMs += wallMs
  }
  return { check, pass }
}

describe('the clock check', () => {
  it('is healthy while both clocks go on together, also when corrected by two seconds', () => {
    const { check, pass } = setUp()
    pass(30_000)
    expect(check.run(signal)).toEqual({ observedValue: 0, observedUnit: 'ms', threshold: 2_000 })
    pass(30_000, 32_000)
    expect(check.run(signal)).toEqual({ observedValue: 2_000, observedUnit: 'ms', threshold: 2_000 })
  })

  it('warns of a step forwards, for that run only', () => {
    const { check, pass } = setUp()
    pass(30_000, 3_630_000)
    expect(check.run(signal)).toMatchObject({
      observedValue: 3_600_000,
      degraded: { code: 'clock_jumped', message: 'the wall clock stepped by 3600000 ms since the last run' },
    })
    pass(30_000)
    expect(check.run(signal)).toEqual({ observedValue: 0, observedUnit: 'ms', threshold: 2_000 })
  })

  it('warns of a step backwards', () => {
    const { check, pass } = setUp()
    pass(1_000, -1_001)
    expect(check.run(signal)).toMatchObject({ observedValue: -2_001, degraded: { code: 'clock_jumped' } })
  })

  it('shows a step to a deep run without keeping it from the next background run', () => {
    const { check, pass } = setUp()
    pass(1_000, 61_000)
    expect(check.runDeep?.(signal)).toMatchObject({ degraded: { code: 'clock_jumped' } })
    expect(check.run(signal)).toMatchObject({ degraded: { code: 'clock_jumped' } })
  })

  it('takes the time slept for granted after a resume', async () => {
    const { check, pass } = setUp()
    pass(10, 3_600_000)
    await check.release?.()
    expect(check.run(signal)).toMatchObject({ observedValue: 0 })
  })
})
