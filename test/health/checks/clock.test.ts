import { describe, expect, it, vi } from 'vitest'
import { createClockCheck } from '../../../src/health/checks/clock.ts'
import { createResumeDetector } from '../../../src/lifecycle/resume-detector.ts'

const { signal } = new AbortController()

function setUp() {
  const clock = { wallMs: 1_700_000_000_000, monotonicMs: 5_000 }
  const wallMs = () => clock.wallMs
  const monotonicMs = () => clock.monotonicMs
  const check = createClockCheck({ wallMs, monotonicMs })
  function pass(monotonicMs: number, wallMs = monotonicMs): void {
    clock.monotonicMs += monotonicMs
    clock.wallMs += wallMs
  }
  return { check, pass, wallMs, monotonicMs }
}

describe('the clock check together with the resume detector', () => {
  it.each([
    ['an hour forwards, as after a suspend', [3_600_000], 1, 0],
    ['two seconds forwards', [2_000], 0, 2_000],
    ['a minute forwards in small steps', Array.from({ length: 60 }, () => 1_000), 0, 60_000],
    ['an hour backwards', [-3_600_000], 0, -3_600_000],
  ])('tells %s once, either as a resume or as a step', (_name, stepsMs, resumes, observedValue) => {
    const { check, pass, wallMs, monotonicMs } = setUp()
    const onResume = vi.fn(() => check.release?.())
    const detector = createResumeDetector({ wallMs, monotonicMs, cpuMs: () => 0, isStarting: () => false, onResume })
    for (const stepMs of stepsMs) {
      pass(100, 100 + stepMs)
      detector.look()
    }
    detector.stop()
    expect(onResume).toHaveBeenCalledTimes(resumes)
    expect(check.run(signal)).toMatchObject({ observedValue })
  })
})

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
    expect(check.run(signal)).toEqual({ observedValue: 0, observedUnit: 'ms', threshold: 2_000 })
  })

  it('warns of a step backwards also when a resume came between it and the run', async () => {
    const { check, pass } = setUp()
    pass(1_000, -9_000)
    pass(60_000)
    await check.release?.()
    expect(check.run(signal)).toMatchObject({ observedValue: -10_000, degraded: { code: 'clock_jumped' } })
    pass(1_000)
    expect(check.run(signal)).toEqual({ observedValue: 0, observedUnit: 'ms', threshold: 2_000 })
  })
})
