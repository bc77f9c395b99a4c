import { bucketOfUpper } from '../statistics/log-histogram.ts'
import { fewestForRankSum, rankSum } from '../statistics/rank-sum.ts'
import { shareDifference } from '../statistics/share-difference.ts'
import type { Comparison, ComparisonRow } from './comparison.ts'
import type { Baseline, BaselineLatency } from './read-baseline.ts'
import type { Report } from './report.ts'
import { counted, inPercent } from './wording.ts'

const significance = 0.05
/** Vargha and Delaney's least effect that is called small; with many samples the least difference is significant. */
const leastEffect = 0.06

/** By tests that need no more than the histograms and counts of a `report.json`. */
export function compareWithBaseline(
  { target, from, to, latencyMs, availability }: Baseline,
  now: Pick<Report, 'latencyMs' | 'availability'>,
): Comparison {
  const populations = ['all', 'warm', 'cold'] as const
  return {
    baseline: { target, from, to },
    rows: [
      ...populations.map((population) => latencyRow(population, latencyMs[population], now.latencyMs[population])),
      availabilityRow(availability, now.availability),
    ],
  }
}

function latencyRow(population: 'all' | 'warm' | 'cold', before: BaselineLatency, now: BaselineLatency): ComparisonRow {
  const told = { what: `latency, ${population}`, before: before.p50, now: now.p50, unit: 'ms' } as const
  const counts = `${counted(before.count, 'answer')} before, ${counted(now.count, 'answer')} now`
  const tested = rankSum(byBucket(before), byBucket(now))
  if (tested === null) {
    return { ...told, change: 'not_enough_data', evidence: `${counts}; the test needs ${fewestForRankSum} of each` }
  }
  const { p, effect } = tested
  const slower = `an answer now is slower than one before with a chance of ${inPercent(effect)}`
  const evidence = `Mann–Whitney ${p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`}; ${slower} (50 % is no difference); ${counts}`
  if (p >= significance || Math.abs(effect - 0.5) < leastEffect) return { ...told, change: 'none_shown', evidence }
  return { ...told, change: effect > 0.5 ? 'worse' : 'better', evidence }
}

function byBucket({ histogram }: BaselineLatency): Map<number, number> {
  return new Map(histogram.map(([upperMs, count]) => [bucketOfUpper(upperMs), count]))
}

function availabilityRow(before: Baseline['availability'], now: Baseline['availability']): ComparisonRow {
  const share = ({ good, total }: Baseline['availability']) => (total === 0 ? null : good / total)
  const told = { what: 'availability', before: share(before), now: share(now), unit: 'ratio' } as const
  const tested = shareDifference(before, now)
  const counts = `${before.good} of ${before.total} before, ${now.good} of ${now.total} now`
  if (tested === null) return { ...told, change: 'not_enough_data', evidence: counts }
  const points = (value: number) => `${value < 0 ? '−' : '+'}${(Math.abs(value) * 100).toFixed(1)}`
  const range = `difference ${points(tested.difference)} points, with 95 % confidence ${points(tested.low)} to ${points(tested.high)} (Newcombe)`
  const evidence = `${range}; ${counts}`
  if (tested.low > 0) return { ...told, change: 'better', evidence }
  return { ...told, change: tested.high < 0 ? 'worse' : 'none_shown', evidence }
}
