import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Check, CheckRecord } from '../../src/health/check.ts'
import { createEngine, type EngineOptions } from '../../src/health/engine.ts'
import { buildReport } from '../../src/health/report.ts'
import { classify, createScriptedCheck, fakedTimers } from './scripted-check.ts'

const startAt = Date.UTC(2026, 10, 22, 10)
const dayMs = 86_400_000

beforeEach(() => {
  vi.useFakeTimers({ now: startAt, toFake: [...fakedTimers] })
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp(checks: readonly Check[], overrides: Partial<EngineOptions> = {}) {
  const runs: CheckRecord[] = []
  const engine = createEngine({
    checks,
    retryMs: 1_000,
    failures: 3,
    successes: 2,
    classify,
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
    random: () => 0,
    onRun: (record) => runs.push(record),
    onChange: () => undefined,
    ...overrides,
  })
  const status = (name = 'database') => engine.records().find((record) => record.name === name)
  const overall = () => buildReport('ready', engine.records()).status
  return { engine, runs, status, overall }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('starting', () => {
  it('runs critical checks at once and the others after the first run of those', async () => {
    const database = createScriptedCheck('database', { timeoutMs: 2_000 })
    const redis = createScriptedCheck('redis', { critical: false })
    database.script = 'hang'
    const { engine } = setUp([redis, database])
    const startedMs = performance.now()
    engine.start()
    expect([database.startedAtMs, redis.startedAtMs]).toEqual([[startedMs], []])
    await pass(2_000)
    expect(redis.startedAtMs).toEqual([startedMs + 2_000])
  })

  it('resolves firstCriticalRuns when each critical check has ended a run, whatever it said', async () => {
    const database = createScriptedCheck('database')
    const memory = createScriptedCheck('memory')
    database.script = 'hang'
    const { engine } = setUp([database, memory])
    let resolved = false
    void engine.firstCriticalRuns.then(() => {
      resolved = true
    })
    engine.start()
    await pass(1_999)
    expect(resolved).toBe(false)
    await pass(1)
    expect(resolved).toBe(true)
  })

  it('is past its first critical runs at once when nothing critical is configured', async () => {
    const { engine } = setUp([{ name: 'redis', scope: 'shared', critical: false, configured: false }])
    engine.start()
    await expect(engine.firstCriticalRuns).resolves.toBeUndefined()
    expect(engine.records()).toEqual([
      { name: 'redis', scope: 'shared', critical: false, status: 'not configured', consecutiveFailures: 0 },
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('knows nothing before the first run ends', async () => {
    const { engine, status } = setUp([createScriptedCheck('database')])
    expect(status()).toMatchObject({ status: 'unknown', consecutiveFailures: 0 })
    engine.start()
    expect(status()?.status).toBe('unknown')
    await pass(0)
    expect(status()).toMatchObject({ status: 'healthy', checkedAt: startAt, observedValue: 1 })
  })
})

describe('the schedule', () => {
  it('runs a healthy check once per interval, counted from start to start', async () => {
    const takesOneSecond = () => new Promise<object>((resolve) => setTimeout(resolve, 1_000, {}))
    const startedAtMs: number[] = []
    const database = createScriptedCheck('database', {
      run() {
        startedAtMs.push(performance.now())
        return takesOneSecond()
      },
    })
    const { engine } = setUp([database])
    const startedMs = performance.now()
    engine.start()
    await pass(15_000)
    expect(startedAtMs.map((ms) => ms - startedMs)).toEqual([0, 5_000, 10_000, 15_000])
  })

  it('shortens an interval by at most a tenth and never lengthens it', async () => {
    const database = createScriptedCheck('database')
    const { engine } = setUp([database], { random: () => 0.999_999 })
    const startedMs = performance.now()
    engine.start()
    await pass(4_499)
    expect(database.startedAtMs).toHaveLength(1)
    await pass(2)
    expect(database.startedAtMs).toHaveLength(2)
    expect((database.startedAtMs[1] ?? 0) - startedMs).toBeGreaterThanOrEqual(4_500)
  })

  it('tells a reason within interval + time-out and unhealthy within interval + 3 time-outs + 2 retries', async () => {
    const database = createScriptedCheck('database')
    const { engine, status, overall } = setUp([database])
    engine.start()
    await pass(1)
    database.script = 'hang'
    await pass(5_000 + 2_000)
    expect(status()).toMatchObject({ status: 'degraded', code: 'timeout', consecutiveFailures: 1 })
    expect(overall()).toBe('degraded')
    await pass(2 * (2_000 + 1_000) - 2)
    expect(overall()).toBe('degraded')
    await pass(1)
    expect(overall()).toBe('unhealthy')
    expect(status()).toMatchObject({ consecutiveFailures: 3, since: startAt + 7_000 })
    database.script = 'healthy'
    await pass(2 * 5_000)
    expect(status()).toMatchObject({ status: 'healthy', consecutiveFailures: 0 })
    expect(status()?.since).toBeUndefined()
  })

  it('says unhealthy of a check that is not critical, while the service is only degraded', async () => {
    const redis = createScriptedCheck('redis', { critical: false })
    redis.script = 'fail'
    const { engine, status, overall } = setUp([redis])
    engine.start()
    await pass(10_000)
    expect(status('redis')?.status).toBe('unhealthy')
    expect(overall()).toBe('degraded')
  })

  it('clears a failure by two good runs in a row, the second one retry after the first', async () => {
    const database = createScriptedCheck('database')
    database.script = 'fail'
    const { engine, status } = setUp([database])
    engine.start()
    await pass(2_000)
    expect(status()).toMatchObject({ status: 'unhealthy', consecutiveFailures: 3, since: startAt })
    database.script = 'healthy'
    await pass(5_000)
    expect(status()).toMatchObject({ status: 'unhealthy', code: 'connection_refused', consecutiveFailures: 0 })
    await pass(1_000)
    expect([status()?.status, status()?.code]).toEqual(['healthy', undefined])
  })
})

describe('a check that misbehaves', () => {
  it('fails like any other when it throws before its first await', async () => {
    const database = createScriptedCheck('database')
    database.script = 'throw'
    const { engine, status } = setUp([database])
    expect(() => engine.start()).not.toThrow()
    await pass(0)
    expect(status()).toMatchObject({
      status: 'unhealthy',
      code: 'check_failed',
      message: 'thrown before the first await',
    })
  })

  it('is not started again while it ignores its signal, and each due run counts as another time-out', async () => {
    const database = createScriptedCheck('database')
    const { engine, runs, status } = setUp([database])
    engine.start()
    await pass(1)
    database.script = 'stuck'
    await pass(60_000)
    expect([database.startedAtMs.length, database.inFlight()]).toEqual([2, 1])
    expect(status()).toMatchObject({ status: 'unhealthy', code: 'timeout', durationMs: 2_000 })
    expect(status()?.consecutiveFailures).toBe(runs.length - 1)
    expect(runs.length).toBeGreaterThan(10)
    database.script = 'healthy'
    database.letGo()
    await pass(6_001)
    expect([database.startedAtMs.length, status()?.status]).toEqual([4, 'healthy'])
  })

  it('is told to end at its time-out, with a reason that says so', async () => {
    const reasons: string[] = []
    const database = createScriptedCheck('database', {
      run: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason.name)
            reject(signal.reason)
          })
        }),
    })
    const { engine } = setUp([database])
    engine.start()
    await pass(1_999)
    expect(reasons).toEqual([])
    await pass(1)
    expect(reasons).toEqual(['TimeoutError'])
  })

  it('does not become an unhandled rejection when it fails after its time-out', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    let reject: (error: Error) => void = () => undefined
    const database = createScriptedCheck('database', {
      run: () =>
        new Promise((_, no) => {
          reject = no
        }),
    })
    const { engine, status } = setUp([database])
    engine.start()
    await pass(2_500)
    reject(new Error('far too late'))
    await pass(0)
    vi.useRealTimers()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
    expect(status()?.code).toBe('timeout')
  })

  it('does not hold up another check', async () => {
    const database = createScriptedCheck('database')
    const memory = createScriptedCheck('memory')
    database.script = 'stuck'
    const { engine, status } = setUp([database, memory])
    engine.start()
    await pass(20_000)
    expect([status('memory')?.status, memory.startedAtMs.length]).toEqual(['healthy', 5])
  })
})

describe('a run that outlasts its interval', () => {
  it('is followed by the next at once, and by no timer in the past although time goes on meanwhile', async () => {
    const slow = createScriptedCheck('slow', { intervalMs: 1_000, timeoutMs: 2_000 })
    slow.script = 'hang'
    const delaysMs: number[] = []
    let reads = 0
    const { engine } = setUp([slow], {
      monotonicMs() {
        reads += 1
        return performance.now() + reads / 1_000
      },
      setTimer(callback, delayMs) {
        delaysMs.push(delayMs)
        const timer = setTimeout(callback, delayMs)
        return () => clearTimeout(timer)
      },
    })
    engine.start()
    await pass(20_000)
    expect(slow.startedAtMs.length).toBeGreaterThan(6)
    expect(Math.min(...delaysMs)).toBe(0)
  })
})

describe('staleness', () => {
  const limitMs = 3 * 5_000 + 2_000

  it('is told at its limit although every timer of the engine is dead', async () => {
    const { engine, status, overall } = setUp([createScriptedCheck('database')], { setTimer: () => () => undefined })
    engine.start()
    await pass(limitMs - 1)
    expect(overall()).toBe('healthy')
    await pass(1)
    expect(overall()).toBe('unhealthy')
    expect(status()).toMatchObject({ status: 'stale', code: 'stale', since: startAt + limitMs, checkedAt: startAt })
  })

  it('does not serve six days of green for a database that was deleted after the engine died', async () => {
    const timers = { dead: false }
    const database = createScriptedCheck('database')
    const { engine, status, overall } = setUp([database], {
      setTimer(callback, delayMs) {
        const timer = setTimeout(() => timers.dead || callback(), delayMs)
        return () => clearTimeout(timer)
      },
    })
    engine.start()
    await pass(60_000)
    expect(overall()).toBe('healthy')
    timers.dead = true
    database.script = 'fail'
    await pass(limitMs)
    expect(overall()).toBe('unhealthy')
    await pass(6 * dayMs)
    expect(overall()).toBe('unhealthy')
    expect(status()).toMatchObject({ code: 'stale', since: startAt + 60_000 + limitMs, checkedAt: startAt + 60_000 })
  })

  it('is announced: the version holds until nextStaleAtMs and no longer', async () => {
    const dead = () => () => undefined
    const slow = createScriptedCheck('memory', { intervalMs: 60_000 })
    const { engine } = setUp([createScriptedCheck('database'), slow], { setTimer: dead })
    const startedMs = performance.now()
    expect(engine.nextStaleAtMs()).toBe(Number.POSITIVE_INFINITY)
    engine.start()
    await pass(0)
    expect(engine.nextStaleAtMs()).toBe(startedMs + limitMs)
    const before = [engine.version(), JSON.stringify(engine.records())]
    await pass(limitMs - 1)
    expect([engine.version(), JSON.stringify(engine.records())]).toEqual(before)
    await pass(1)
    expect(engine.records()[0]?.status).toBe('stale')
    expect(engine.nextStaleAtMs()).toBe(startedMs + 182_000)
    await pass(182_000)
    expect(engine.nextStaleAtMs()).toBe(Number.POSITIVE_INFINITY)
  })

  it('is never reached by a check that is only slow', async () => {
    const database = createScriptedCheck('database')
    database.script = 'hang'
    const { engine, runs } = setUp([database])
    engine.start()
    for (let second = 0; second < 60; second += 1) {
      await pass(1_000)
      expect(engine.records()[0]?.status).not.toBe('stale')
    }
    expect(runs.every((record) => record.code === 'timeout')).toBe(true)
  })

  it('turns straight into unhealthy when the run after it fails, and into healthy when it succeeds', async () => {
    for (const script of ['fail', 'healthy'] as const) {
      const database = createScriptedCheck('database')
      const { engine, status } = setUp([database], { setTimer: () => () => undefined })
      const at = Date.now()
      engine.start()
      await pass(limitMs + 500)
      database.script = script
      engine.rearm(engine.overdueChecks())
      await pass(0)
      expect([status()?.status, status()?.since]).toEqual(
        script === 'fail' ? ['unhealthy', at + limitMs] : ['healthy', undefined],
      )
    }
  })

  it.each([-30 * dayMs, 30 * dayMs])('is not touched by a wall clock that jumps by %d ms', async (jumpMs) => {
    let offsetMs = 0
    const { engine, overall } = setUp([createScriptedCheck('database')], { wallMs: () => Date.now() + offsetMs })
    engine.start()
    await pass(10_000)
    offsetMs = jumpMs
    for (let second = 0; second < 60; second += 1) {
      expect(overall()).toBe('healthy')
      await pass(1_000)
    }
    expect(engine.records()[0]?.checkedAt).toBe(startAt + 70_000 + jumpMs)
  })
})

describe('after a resume', () => {
  it('keeps the last status with its old time, lets go of connections and runs everything at once', async () => {
    const database = createScriptedCheck('database')
    const { engine, status } = setUp([database])
    engine.start()
    await pass(12_000)
    database.script = 'stuck'
    const runsBefore = database.startedAtMs.length
    engine.runAllNow()
    expect(status()).toMatchObject({ status: 'healthy', checkedAt: startAt + 10_000 })
    expect([database.startedAtMs.length - runsBefore, database.released()]).toEqual([1, 1])
  })

  it('counts staleness from the resume on', async () => {
    const { engine, status } = setUp([createScriptedCheck('database')], { setTimer: () => () => undefined })
    engine.start()
    await pass(10_000)
    const resumedMs = performance.now()
    engine.runAllNow()
    expect(engine.nextStaleAtMs()).toBe(resumedMs + 17_000)
    expect(status()?.status).toBe('healthy')
  })

  it('drops the run that was under way without judging it, and starts the next when it has ended', async () => {
    const database = createScriptedCheck('database')
    const { engine, runs, status } = setUp([database])
    engine.start()
    await pass(1)
    database.script = 'hang'
    await pass(5_500)
    database.script = 'healthy'
    engine.runAllNow()
    await pass(0)
    expect(runs.map((record) => record.status)).toEqual(['healthy', 'healthy'])
    expect([database.startedAtMs.length, database.inFlight(), status()?.consecutiveFailures]).toEqual([3, 0, 0])
  })

  it('counts time-outs while the run of before will not end', async () => {
    const database = createScriptedCheck('database')
    const { engine, status } = setUp([database])
    engine.start()
    await pass(1)
    database.script = 'stuck'
    await pass(5_500)
    engine.runAllNow()
    await pass(3_000)
    expect(status()).toMatchObject({ status: 'unhealthy', code: 'timeout', consecutiveFailures: 3 })
    expect(database.inFlight()).toBe(1)
  })
})

describe('idle', () => {
  it('pauses remote checks alone, as a neutral status, with their connections let go', async () => {
    const database = createScriptedCheck('database')
    const memory = createScriptedCheck('memory', { remote: false, scope: 'local' })
    const { engine, status, overall } = setUp([database, memory])
    engine.start()
    await pass(1)
    engine.idle()
    await pass(600_000)
    expect([database.startedAtMs.length, database.released(), memory.released()]).toEqual([1, 1, 0])
    expect([status('database')?.status, status('memory')?.status, overall()]).toEqual(['idle', 'healthy', 'healthy'])
    expect(status('database')?.checkedAt).toBe(startAt)
  })

  it('runs at once on waking, and the first run decides', async () => {
    const database = createScriptedCheck('database')
    const { engine, status } = setUp([database])
    engine.start()
    await pass(1)
    engine.idle()
    await pass(60_000)
    database.script = 'fail'
    engine.wake()
    expect([database.startedAtMs.length, status()?.status]).toEqual([2, 'idle'])
    await pass(0)
    expect(status()).toMatchObject({ status: 'unhealthy', code: 'connection_refused', consecutiveFailures: 1 })
  })

  it('aborts the run under way and does not judge it', async () => {
    const database = createScriptedCheck('database')
    database.script = 'hang'
    const { engine, runs, status } = setUp([database])
    engine.start()
    await pass(500)
    engine.idle()
    await pass(10_000)
    expect([database.inFlight(), runs.length, status()?.status]).toEqual([0, 0, 'idle'])
  })

  it('stays idle through a resume', async () => {
    const database = createScriptedCheck('database')
    const { engine, status } = setUp([database])
    engine.start()
    await pass(1)
    engine.idle()
    engine.runAllNow()
    await pass(10_000)
    expect([database.startedAtMs.length, status()?.status]).toEqual([1, 'idle'])
  })
})

describe('news', () => {
  it('reports each run with its duration and raises the version with it', async () => {
    const durations: number[] = []
    const versions: number[] = []
    const database = createScriptedCheck('database')
    const { engine } = setUp([database], {
      onRun: (_, durationMs) => durations.push(durationMs),
      onChange: () => versions.push(engine.version()),
    })
    engine.start()
    await pass(1)
    database.script = 'hang'
    await pass(7_000)
    expect([durations, versions]).toEqual([
      [0, 2_000],
      [1, 2],
    ])
  })
})

describe('stopping', () => {
  it('aborts what runs, lets go of connections and leaves no timer behind', async () => {
    const database = createScriptedCheck('database')
    const { engine } = setUp([database])
    engine.start()
    await pass(1)
    database.script = 'hang'
    await pass(5_500)
    await engine.stop()
    expect([database.inFlight(), database.released(), vi.getTimerCount()]).toEqual([0, 1, 0])
    await pass(60_000)
    expect(database.startedAtMs).toHaveLength(2)
  })

  it('waits no longer than its deadline for a check that will not end', async () => {
    const database = createScriptedCheck('database')
    database.script = 'stuck'
    const { engine } = setUp([database])
    engine.start()
    let stopped = false
    void engine.stop(300).then(() => {
      stopped = true
    })
    await pass(299)
    expect(stopped).toBe(false)
    await pass(1)
    expect(stopped).toBe(true)
  })

  it('is not stopped by a release that fails', async () => {
    const database = createScriptedCheck('database', { release: () => Promise.reject(new Error('already gone')) })
    const { engine } = setUp([database])
    engine.start()
    await pass(1)
    await expect(engine.stop()).resolves.toBeUndefined()
  })
})
