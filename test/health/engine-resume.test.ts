import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEngine } from '../../src/health/engine.ts'
import { classify, createScriptedCheck, fakedTimers } from './scripted-check.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: [...fakedTimers] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** An engine that notices a resume as the service does: when it looks, once. */
function setUp() {
  const check = createScriptedCheck('database')
  let resumed = false
  const engine = createEngine({
    ...{ checks: [check], retryMs: 1_000, failures: 3, successes: 2, classify },
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
    random: () => 0,
    lookForResume() {
      if (!resumed) return
      resumed = false
      engine.runAllNow()
    },
    onRun: () => undefined,
    onChange: () => undefined,
  })
  const wake = () => {
    resumed = true
  }
  const record = () => engine.records()[0]
  return { check, engine, wake, record }
}

describe('a resume that the engine is the first to notice', () => {
  it('starts one run of a check that was due, on a new connection', async () => {
    const { check, engine, wake, record } = setUp()
    engine.start()
    await vi.advanceTimersByTimeAsync(10)
    wake()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(check.startedAtMs).toHaveLength(2)
    expect(check.released()).toBe(1)
    expect(record()).toMatchObject({ status: 'healthy', consecutiveFailures: 0 })
    await engine.stop()
  })

  it('voids the failure of the run that slept, whose connection had died', async () => {
    const { check, engine, wake, record } = setUp()
    engine.start()
    await vi.advanceTimersByTimeAsync(10)
    const { run } = check
    check.run = (signal) => {
      check.run = run
      check.script = 'fail'
      const failing = check.run(signal)
      check.script = 'healthy'
      wake()
      return failing
    }
    await vi.advanceTimersByTimeAsync(5_000)
    expect(record()).toMatchObject({ status: 'healthy', consecutiveFailures: 0 })
    expect(record()?.since).toBeUndefined()
    expect(check.startedAtMs).toHaveLength(3)
    await engine.stop()
  })
})
