import { type Request, type RequestHandler, Router } from 'express'
import type { Database } from '../db/queryable.ts'
import type { Incident } from '../history/incidents.ts'
import { bodyLimitBytes } from './body-limits.ts'
import { jsonBody } from './json-body.ts'
import { methodNotAllowed } from './method-not-allowed.ts'
import { ProblemError } from './problem.ts'
import { readQuery } from './query-reader.ts'

const incidentsMax = 200
const noSuchIncident = { status: 404, detail: 'There is no such incident; GET /api/incidents lists them.' }

/** `GET`: what went wrong, and when. `POST …/acknowledge`: somebody looks into it. */
export function createIncidentsRouter(options: {
  database: Database
  authoriseRead: RequestHandler
  authoriseWrite: RequestHandler
  isOperator: (request: Request) => boolean
  onAcknowledged: () => void
}): Router {
  const { database, authoriseRead, authoriseWrite, isOperator, onAcknowledged } = options
  const router = Router()
  router
    .route('/api/incidents')
    .get(authoriseRead, async (request, response) => {
      const query = readQuery(request)
      const range = { from: query.time('from'), to: query.time('to') }
      const open = query.choice('open', ['true', 'false'])
      query.check()
      const { selectIncidents } = await import('../history/incidents.ts')
      const wanted = { ...range, open: open && open === 'true', limit: incidentsMax }
      const incidents = await selectIncidents(database, wanted)
      response.json({ incidents: isOperator(request) ? incidents : incidents.map(publicPart) })
    })
    .all(methodNotAllowed(['GET', 'HEAD']))
  router
    .route('/api/incidents/:id/acknowledge')
    .post(authoriseWrite, ...optionalJson(bodyLimitBytes.acknowledgement), async (request, response) => {
      const { by, note } = readAcknowledgement(request.body)
      const id = /^\d{1,15}$/.test(String(request.params.id)) ? Number(request.params.id) : undefined
      const { acknowledgeIncident } = await import('../history/incidents.ts')
      const result = id === undefined ? undefined : await acknowledgeIncident(database, id, { by, note })
      if (result === undefined) throw new ProblemError(noSuchIncident)
      const { incident, changed } = result
      if (changed) onAcknowledged()
      else if (incident.acknowledgedAt === null) {
        throw new ProblemError({
          status: 409,
          detail: 'The incident is closed already; there is nothing to look into.',
        })
      } else if (by !== undefined && by !== incident.acknowledgedBy) {
        const who = incident.acknowledgedBy ?? 'somebody'
        throw new ProblemError({ status: 409, detail: `The incident was acknowledged by ${who} already.` })
      }
      response.json(incident)
    })
    .all(methodNotAllowed(['POST']))
  return router
}

/** Names of people, and texts of errors with the names of hosts in them, are for the operator. */
function publicPart(incident: Incident): unknown {
  const { acknowledgedBy: _by, acknowledgedNote: _note, evidence, ...rest } = incident
  const { message: _message, ...shown } = evidence
  return { ...rest, evidence: shown }
}

function optionalJson(limitBytes: number): RequestHandler[] {
  return jsonBody(limitBytes).map((handler) => (request, response, next) => {
    const isEmpty =
      request.headers['transfer-encoding'] === undefined && !Number(request.headers['content-length'] ?? 0)
    return isEmpty ? next() : handler(request, response, next)
  })
}

function readAcknowledgement(body: unknown): { by: string | undefined; note: string | undefined } {
  const fields: unknown = body === undefined ? {} : body
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new ProblemError({ status: 400, detail: 'The body is not a JSON object.', extra: { errors: [] } })
  }
  const errors: { field: string; detail: string }[] = []
  const text = (field: string, lengthMax: number): string | undefined => {
    const value: unknown = Object.hasOwn(fields, field) ? (fields as Record<string, unknown>)[field] : undefined
    if (value === undefined || value === null) return undefined
    const isText = typeof value === 'string' && value.length >= 1 && value.length <= lengthMax
    if (isText && !value.includes('\0') && value.isWellFormed()) return value
    errors.push({ field, detail: `is not a text of 1 to ${lengthMax} characters` })
    return undefined
  }
  const acknowledgement = { by: text('by', 128), note: text('note', 2_000) }
  if (errors.length === 0) return acknowledgement
  throw new ProblemError({ status: 400, detail: 'The acknowledgement can not be used.', extra: { errors } })
}
