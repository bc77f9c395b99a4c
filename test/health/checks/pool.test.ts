import { describe, expect, it } from 'vitest'
import type { PoolStats } from '../../../src/db/queryable.ts'
import type { PoolPressure } from '../../../src/db/timed-pool.ts'
import type { CheckReading } from '../../../src/health/check.ts'
import { createPoolCheck } from '../../../src/health/checks/pool.ts'

const { signal } = new AbortController()

function run(stats: Partial<PoolStats>, pressure: Partial<PoolPressure> = {}): CheckReading {
  const check = createPoolCheck({
    poolStats: () => ({ total: 10, active: 1, idle: 9, waiting: 0, max: 10, ...stats }),
    poolPressure: () => ({ stuckForMs: 0, lastConnectError: undefined, ...pressure }),
    poolStuckMs: 10_000,
  })
  return check.run(signal) as CheckReading
}

describe('the pool check', () => {
  it('tells the connections in use against the most there can be', () => {
    expect(run({ active: 3 })).toEqual({ observedValue: 3, observedUnit: 'connections', threshold: 10 })
  })

  it('stays healthy with every connection in use and nobody waiting', () => {
    expect(run({ active: 10 }).degraded).toBeUndefined()
  })

  it('warns when callers wait for a full pool', () => {
    expect(run({ active: 10, waiting: 4 }).degraded).toEqual({
      code: 'pool_exhausted',
      message: 'all 10 connections are in use and 4 callers wait',
    })
  })

  it('fails once nothing was given back for the stuck time, and not before', () => {
    expect(run({ active: 10, waiting: 4 }, { stuckForMs: 9_999 }).degraded?.code).toBe('pool_exhausted')
    expect(() => run({ active: 10, waiting: 4 }, { stuckForMs: 10_000 })).toThrow(
      expect.objectContaining({
        code: 'pool_stuck',
        message: 'no connection was given back for 10 s while 4 callers wait: look for client_held in the log',
        measurement: { observedValue: 10, observedUnit: 'connections', threshold: 10 },
      }),
    )
  })

  it('warns with the reason why the last connection could not be opened', () => {
    const lastConnectError = Object.assign(new Error('sorry, too many clients already'), { code: '53300' })
    expect(run({}, { lastConnectError }).degraded).toEqual({
      code: 'too_many_connections',
      message: 'the pool could not connect: sorry, too many clients already',
    })
  })
})
