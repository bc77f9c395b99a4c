import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Check } from '../../src/health/check.ts'
import { createDeepRunner } from '../../src/health/deep-runner.ts'
import { classify, createScriptedCheck, fakedTimers } from './scripted-check.ts'

const startAt = Date.UTC(2026, 10, 22, 10)

beforeEach(() => {
  vi.useFakeTimers({ now: startAt, toFake: [...fakedTimers] })
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp(...checks: Check[]) {
  return createDeepRunner({ checks, classify, monotonicMs: () => performance.now(), wallMs: () => Date.now() })
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('the deep runner', () => {
  it('asks the deep question where there is one', async () => {
    const database = createScriptedCheck('database', { runDeep: () => ({ observedValue: 7, observedUnit: 'ms' }) })
    const redis = createScriptedCheck('redis')
    const { records } = await setUp(database, redis).run(['database', 'redis'])
    expect(records.map((record) => record.observedValue)).toEqual([7, 1])
    expect([database.startedAtMs.length, redis.startedAtMs.length]).toEqual([0, 1])
  })

  it('runs the named checks alone, in the order of the registry', async () => {
    const [a, b, c] = [createScriptedCheck('a'), createScriptedCheck('b'), createScriptedCheck('c')]
    const { records } = await setUp(a, b, c).run(['c', 'a'])
    expect(records.map((record) => record.name)).toEqual(['a', 'c'])
    expect(b.startedAtMs).toEqual([])
  })

  it('refuses a name that it does not know and lists those that it does', async () => {
    const runner = setUp(createScriptedCheck('database'), createScriptedCheck('redis'))
    await expect(runner.run(['databse'])).rejects.toThrow('no check is named databse; choose from database, redis')
  })

  it('tells what is not configured without an age', async () => {
    const runner = setUp({ name: 's3', scope: 'shared', critical: false, configured: false })
    expect(await runner.run(['s3'])).toEqual({
      records: [{ name: 's3', scope: 'shared', critical: false, status: 'not configured', consecutiveFailures: 0 }],
      ageSeconds: 0,
    })
  })

  it('bothers the dependency once for 5,000 callers at a time', async () => {
    const database = createScriptedCheck('database')
    database.script = 'hang'
    const runner = setUp(database)
    const callers = Array.from({ length: 5_000 }, () => runner.run(['database']))
    await pass(1_000)
    database.letGo()
    const answers = await Promise.all(callers)
    expect(database.startedAtMs).toHaveLength(1)
    expect(new Set(answers.map((answer) => answer.records[0]))).toHaveProperty('size', 1)
    expect(answers[4_999]?.records[0]).toMatchObject({ status: 'healthy', durationMs: 1_000 })
  })

  it('gives the last result with its age for 5 s, then runs again', async () => {
    const database = createScriptedCheck('database')
    const runner = setUp(database)
    await runner.run(['database'])
    database.script = 'fail'
    await pass(4_999)
    const kept = await runner.run(['database'])
    expect([kept.ageSeconds, kept.records[0]?.status, database.startedAtMs.length]).toEqual([4, 'healthy', 1])
    await pass(1)
    const fresh = await runner.run(['database'])
    expect([fresh.ageSeconds, fresh.records[0]?.status, database.startedAtMs.length]).toEqual([0, 'unhealthy', 2])
  })

  it('gives no result again that is of the time before a resume', async () => {
    const database = createScriptedCheck('database')
    const runner = setUp(database)
    await runner.run(['database'])
    await pass(1)
    runner.forget()
    database.script = 'fail'
    expect((await runner.run(['database'])).records[0]?.status).toBe('unhealthy')
    await runner.run(['database'])
    expect(database.startedAtMs).toHaveLength(2)
  })

  it('gives the age of the oldest result', async () => {
    const runner = setUp(createScriptedCheck('a'), createScriptedCheck('b'))
    await runner.run(['a'])
    await pass(3_000)
    expect((await runner.run(['b'])).ageSeconds).toBe(0)
    expect((await runner.run(['a', 'b'])).ageSeconds).toBe(3)
  })

  it('judges each run by itself, with the history of this failure', async () => {
    const database = createScriptedCheck('database')
    const runner = setUp(database)
    const seen: unknown[] = []
    for (const script of ['fail', 'fail', 'degraded', 'healthy', 'degraded'] as const) {
      database.script = script
      const [record] = (await runner.run(['database'])).records
      seen.push([record?.status, record?.code, record?.consecutiveFailures, record?.since && record.since - startAt])
      await pass(5_000)
    }
    expect(seen).toEqual([
      ['unhealthy', 'connection_refused', 1, 0],
      ['unhealthy', 'connection_refused', 2, 0],
      ['degraded', 'read_only', 3, 0],
      ['healthy', undefined, 0, undefined],
      ['degraded', 'read_only', 1, 20_000],
    ])
  })

  it('answers by the time-out of each check, in parallel, and aborts what hangs', async () => {
    const database = createScriptedCheck('database', { timeoutMs: 2_000 })
    const s3 = createScriptedCheck('s3', { timeoutMs: 5_000 })
    const redis = createScriptedCheck('redis')
    database.script = 'hang'
    s3.script = 'hang'
    redis.script = 'throw'
    const answer = setUp(database, s3, redis).run(['database', 's3', 'redis'])
    await pass(5_000)
    const { records, ageSeconds } = await answer
    expect(records.map((record) => [record.code, record.durationMs])).toEqual([
      ['timeout', 2_000],
      ['timeout', 5_000],
      ['check_failed', 0],
    ])
    expect([database.inFlight(), s3.inFlight(), ageSeconds]).toEqual([0, 0, 0])
  })

  it('starts nothing beside a run that will not end, and says time-out until it does', async () => {
    const database = createScriptedCheck('database')
    database.script = 'stuck'
    const runner = setUp(database)
    void runner.run(['database'])
    await pass(2_000 + 5_000)
    const [blocked] = (await runner.run(['database'])).records
    expect(blocked).toMatchObject({ status: 'unhealthy', code: 'timeout', consecutiveFailures: 2 })
    expect([database.startedAtMs.length, database.inFlight()]).toEqual([1, 1])
    database.script = 'healthy'
    database.letGo()
    await pass(5_000)
    expect((await runner.run(['database'])).records[0]?.status).toBe('healthy')
  })
})
