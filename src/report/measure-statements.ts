import type { MetricsFindings } from './evidence.ts'
import type { Measurable, Measured } from './measure-criterion.ts'
import { counted, inMs, inUtc } from './wording.ts'

/** The slowest statement by what the answers told of the database check, and by the histogram of `/metrics`. */
export function measureStatements({ figures: { slowestStatement, statements }, metrics }: Measurable): Measured {
  const bounds = slowestBucket(metrics?.statements)
  if (slowestStatement === undefined && bounds === undefined) {
    return { value: null, unit: 'ms', evidence: 'no answer told a time of the database, and /metrics was not read' }
  }
  const evidence: string[] = []
  if (slowestStatement !== undefined) {
    const { ms, at } = slowestStatement
    evidence.push(`slowest of ${counted(statements, 'database check')}: ${inMs(ms)} at ${inUtc(at)}`)
  }
  const checked = slowestStatement?.ms ?? 0
  if (bounds === undefined) return { value: checked, unit: 'ms', evidence: evidence.join('; ') }
  const { aboveMs, upToMs, count } = bounds
  const range = upToMs === Number.POSITIVE_INFINITY ? `more than ${inMs(aboveMs)}` : `at most ${inMs(upToMs)}`
  evidence.push(`slowest of ${counted(count, 'statement')} by /metrics: ${range}`)
  return {
    value: Math.max(checked, aboveMs),
    // A bound that the target equals is met by what lies at it or below.
    orElse: Math.max(checked, upToMs - 1e-6),
    unit: 'ms',
    evidence: evidence.join('; '),
  }
}

/** Cumulative counts, as Prometheus has them: the slowest lies in the first bucket that holds all. */
function slowestBucket(statements: MetricsFindings['statements']) {
  if (statements === undefined || statements.count === 0) return undefined
  const ascending = statements.buckets.toSorted((a, b) => a.upperSeconds - b.upperSeconds)
  const holding = ascending.findIndex(({ count }) => count >= statements.count)
  const below = ascending[holding === -1 ? ascending.length - 1 : holding - 1]
  return {
    count: statements.count,
    aboveMs: (below?.upperSeconds ?? 0) * 1_000,
    upToMs: holding === -1 ? Number.POSITIVE_INFINITY : (ascending[holding]?.upperSeconds ?? 0) * 1_000,
  }
}
