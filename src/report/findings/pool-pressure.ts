import type { FindingRule } from './finding-rule.ts'

export const poolPressure: FindingRule = {
  name: 'pool-pressure',
  find({ evidence: { metrics } }) {
    const pool = metrics?.pool
    if (pool === undefined || (pool.waitingMax === 0 && pool.activeMax < pool.max)) return undefined
    return {
      severity: 'warning',
      title: 'The connection pool was full',
      evidence: `${pool.activeMax} of ${pool.max} connections busy at once, and ${pool.waitingMax} waiting`,
      nextStep: 'Look for transactions that stay open before you raise DATABASE_POOL_MAX',
    }
  },
}
