import { type RequestHandler, Router } from 'express'
import type { Database } from '../db/queryable.ts'
import { methodNotAllowed } from './method-not-allowed.ts'
import { ProblemError } from './problem.ts'
import { readQuery } from './query-reader.ts'

const machinesMax = 500
const eventsMax = 500

/** Which machines there are, and what each of them lived through. */
export function createMachinesRouter(options: { database: Database; authoriseRead: RequestHandler }): Router {
  const { database, authoriseRead } = options
  const router = Router()
  router
    .route('/api/machines')
    .get(authoriseRead, async (_request, response) => {
      const { listMachines } = await import('../history/machines.ts')
      response.json({ machines: await listMachines(database, machinesMax) })
    })
    .all(methodNotAllowed(['GET', 'HEAD']))
  router
    .route('/api/machines/:id/events')
    .get(authoriseRead, async (request, response) => {
      const query = readQuery(request)
      const range = { from: query.time('from'), to: query.time('to') }
      query.check()
      const id = String(request.params.id)
      const { selectMachineEvents } = await import('../history/machines.ts')
      const events = id.includes('\0')
        ? undefined
        : await selectMachineEvents(database, id, { ...range, limit: eventsMax })
      if (events === undefined) {
        throw new ProblemError({
          status: 404,
          detail: 'There is no such machine; GET /api/machines lists those known.',
        })
      }
      response.json({ machine: id, events })
    })
    .all(methodNotAllowed(['GET', 'HEAD']))
  return router
}
