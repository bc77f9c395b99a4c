import type { PoolStats } from '../../db/queryable.ts'
import type { PoolPressure } from '../../db/timed-pool.ts'
import { CheckFailure, type CheckReading } from '../check.ts'
import type { CheckWork } from './check-work.ts'
import { classifyFailure } from './failure-code.ts'

/** Can this machine still get a connection? Reads counters only, so it answers while every connection is held. */
export function createPoolCheck(options: {
  poolStats: () => PoolStats
  poolPressure: () => PoolPressure
  poolStuckMs: number
}): CheckWork {
  const { poolStats, poolPressure, poolStuckMs } = options

  function run(): CheckReading {
    const { active, waiting, max } = poolStats()
    const { stuckForMs, lastConnectError } = poolPressure()
    const reading = { observedValue: active, observedUnit: 'connections', threshold: max }
    if (stuckForMs >= poolStuckMs) {
      const stuckForS = Math.round(stuckForMs / 1_000)
      const message = `no connection was given back for ${stuckForS} s while ${waiting} callers wait: look for client_held in the log`
      throw new CheckFailure('pool_stuck', message, reading)
    }
    if (lastConnectError !== undefined) {
      const { code, message } = classifyFailure(lastConnectError)
      return { ...reading, degraded: { code, message: `the pool could not connect: ${message}` } }
    }
    if (active >= max && waiting > 0) {
      const message = `all ${max} connections are in use and ${waiting} callers wait`
      return { ...reading, degraded: { code: 'pool_exhausted', message } }
    }
    return reading
  }

  return { run }
}
