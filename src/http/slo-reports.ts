import type { ReadObjectiveTotals } from '../slo/objective-totals.ts'
import type { SloReport } from '../slo/slo-report.ts'
import { createAnswerCache } from './answer-cache.ts'

/** Minutes are counted when they are over, so a report says the same for longer than this. */
const keptMs = 15_000

/** The report of the objectives as of now, read once for all who ask: both paths that show it may be public. */
export function createSloReports(options: {
  objectiveTotals: ReadObjectiveTotals
  wallMs: () => number
  monotonicMs: () => number
}): () => Promise<SloReport> {
  const { objectiveTotals, wallMs, monotonicMs } = options
  const reports = createAnswerCache<SloReport>({ keptMs, answersMax: 1, monotonicMs })
  return () =>
    reports.get('', async () => {
      const { buildSloReport, sloWindows } = await import('../slo/slo-report.ts')
      const asOf = new Date(wallMs())
      return buildSloReport(asOf, await objectiveTotals(sloWindows(asOf)))
    })
}
