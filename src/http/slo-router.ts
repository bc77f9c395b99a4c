import { type RequestHandler, Router } from 'express'
import type { ReadObjectiveTotals } from '../slo/objective-totals.ts'
import type { SloReport } from '../slo/slo-report.ts'
import { methodNotAllowed } from './method-not-allowed.ts'
import { createSharedRead } from './shared-read.ts'

/** How old an answer may be: burn rates over 5 minutes say the same a moment later. */
const freshMs = 5_000

/** `GET /api/slo`: the objectives, their error budgets and burn rates, from the minute rollups. */
export function createSloRouter(options: {
  objectiveTotals: ReadObjectiveTotals
  authoriseRead: RequestHandler
  wallMs: () => number
  monotonicMs: () => number
}): Router {
  const { objectiveTotals, authoriseRead, wallMs, monotonicMs } = options
  const report = createSharedRead({
    ...{ freshMs, monotonicMs },
    async read(): Promise<SloReport> {
      const { buildSloReport, sloWindows } = await import('../slo/slo-report.ts')
      const asOf = new Date(wallMs())
      return buildSloReport(asOf, await objectiveTotals(sloWindows(asOf)))
    },
  })
  const router = Router()
  router
    .route('/api/slo')
    .get(authoriseRead, async (_request, response) => {
      response.setHeader('Cache-Control', 'no-store')
      response.json(await report())
    })
    .all(methodNotAllowed(['GET', 'HEAD']))
  return router
}
