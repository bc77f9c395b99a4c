import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEngine } from '../../src/health/engine.ts'
import { createWatchdog } from '../../src/health/watchdog.ts'
import { classify, createScriptedCheck, fakedTimers } from './scripted-check.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: [...fakedTimers] })
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp() {
  const timers = { dead: false }
  const stalls: (readonly string[])[] = []
  const database = createScriptedCheck('database')
  const engine = createEngine({
    checks: [database],
    retryMs: 1_000,
    failures: 3,
    successes: 2,
    classify,
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
    random: () => 0,
    setTimer(callback, delayMs) {
      const timer = setTimeout(() => timers.dead || callback(), delayMs)
      return () => clearTimeout(timer)
    },
    onRun: () => undefined,
    onChange: () => undefined,
  })
  const watchdog = createWatchdog({ engine, onStalled: (names) => stalls.push(names) })
  engine.start()
  watchdog.start()
  return { timers, stalls, database, engine, watchdog }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('the watchdog', () => {
  it('says nothing of an engine that works, failing checks included', async () => {
    const { stalls, database } = setUp()
    await pass(30_000)
    database.script = 'stuck'
    await pass(120_000)
    expect(stalls).toEqual([])
  })

  it('keeps checks running when their timers are dead, and reports the stall once', async () => {
    const { timers, stalls, database, engine } = setUp()
    await pass(1)
    timers.dead = true
    const runsBefore = database.startedAtMs.length
    await pass(70_000)
    expect(stalls).toEqual([['database']])
    expect(database.startedAtMs.length - runsBefore).toBeGreaterThanOrEqual(10)
    expect(engine.records()[0]?.status).toBe('healthy')
  })

  it('takes a check that is late at one look alone for late, not for stalled', async () => {
    const rearmed: string[] = []
    const looks = [['database'], [], ['database', 'redis'], ['redis'], []]
    const watchdog = createWatchdog({
      engine: {
        overdueChecks: () => looks.shift() ?? [],
        rearm(names) {
          rearmed.push(...names)
          return names
        },
      },
      onStalled: () => undefined,
    })
    watchdog.start()
    await pass(5_000)
    watchdog.stop()
    expect(rearmed).toEqual(['redis'])
  })

  it('ends a run whose time-out never fired', async () => {
    const { timers, database, engine } = setUp()
    await pass(1)
    database.script = 'hang'
    await pass(5_500)
    timers.dead = true
    await pass(4_000)
    expect(engine.records()[0]).toMatchObject({ code: 'timeout', consecutiveFailures: 1 })
    expect(database.inFlight()).toBe(0)
  })

  it('gives the check back to its own timer when that works again, and reports the next stall anew', async () => {
    const { timers, stalls, engine } = setUp()
    await pass(1)
    timers.dead = true
    await pass(8_000)
    timers.dead = false
    await pass(30_000)
    expect([stalls.length, engine.overdueChecks()]).toEqual([1, []])
    timers.dead = true
    await pass(20_000)
    expect(stalls).toHaveLength(2)
  })

  it('ends with stop', async () => {
    const { timers, stalls, watchdog, engine } = setUp()
    await pass(1)
    watchdog.stop()
    await engine.stop()
    timers.dead = true
    await pass(60_000)
    expect([stalls, vi.getTimerCount()]).toEqual([[], 0])
  })
})
