import { type RequestHandler, Router } from 'express'
import type { SloReport } from '../slo/slo-report.ts'
import { methodNotAllowed } from './method-not-allowed.ts'

/** `GET /api/slo`: the objectives, their error budgets and burn rates. */
export function createSloRouter(options: {
  sloReport: () => Promise<SloReport>
  authoriseRead: RequestHandler
}): Router {
  const { sloReport, authoriseRead } = options
  const router = Router()
  router
    .route('/api/slo')
    .get(authoriseRead, async (_request, response) => {
      response.setHeader('Cache-Control', 'no-store')
      response.json(await sloReport())
    })
    .all(methodNotAllowed(['GET', 'HEAD']))
  return router
}
