import { inMs, inWords } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

/** The service's own threshold (SLOW_QUERY_MS); above it a statement is logged. */
const slowMs = 100

export const slowStatements: FindingRule = {
  name: 'slow-statements',
  find({ evidence: { metrics, statements = [] }, database: { responseMs } }) {
    const evidence: string[] = []
    if ((metrics?.slowStatements ?? 0) > 0) {
      evidence.push(`${inWords(metrics?.slowStatements ?? 0)} statements above the threshold by /metrics`)
    }
    if (responseMs.max !== null && responseMs.max >= slowMs) {
      evidence.push(`the slowest database check took ${inMs(responseMs.max)}, the median ${inMs(responseMs.p50)}`)
    }
    const [slowest] = statements.filter(({ meanMs }) => meanMs >= slowMs).sort((a, b) => b.totalMs - a.totalMs)
    if (slowest !== undefined) {
      evidence.push(
        `"${slowest.query.slice(0, 120)}" takes ${inMs(slowest.meanMs)} on average over ${slowest.calls} calls`,
      )
    }
    if (evidence.length === 0) return undefined
    return {
      severity: 'warning',
      title: 'Statements were slow',
      evidence: evidence.join('; '),
      nextStep: 'Find them among the slow_query lines of the log, and look at their plans',
    }
  },
}
