import { type RequestHandler, Router } from 'express'
import type { Database } from '../db/queryable.ts'
import { type Deployment, insertDeployment, listDeployments } from '../history/deployments.ts'
import { bodyLimitBytes } from './body-limits.ts'
import { jsonBody } from './json-body.ts'
import { methodNotAllowed } from './method-not-allowed.ts'
import { ProblemError } from './problem.ts'
import { type KeepingWriter, writeOrKeep } from './write-or-keep.ts'

const listLimit = 100
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** `GET`: the latest deployments. `POST`: a pipeline tells of one; telling it twice is no harm. */
export function createDeploymentsRouter(options: {
  database: Database
  authoriseRead: RequestHandler
  authoriseWrite: RequestHandler
  wallMs: () => number
  /** Undefined until the history has begun. */
  writer: () => KeepingWriter | undefined
  /** A pipeline told of a deployment that was not known, or that waits on disk. */
  onRecorded: () => void
}): Router {
  const { database, authoriseRead, authoriseWrite, wallMs, writer, onRecorded } = options
  const router = Router()
  router
    .route('/api/deployments')
    .get(authoriseRead, async (_request, response) => {
      response.json({ deployments: await listDeployments(database, listLimit) })
    })
    .post(authoriseWrite, ...jsonBody(bodyLimitBytes.deployment), async (request, response) => {
      const deployment = readDeployment(request.body, wallMs())
      const isNew = await writeOrKeep({
        writer: writer(),
        entry: { ...deployment, kind: 'deployment', at: deployment.at.toISOString() },
        write: () => insertDeployment(database, deployment),
      })
      if (isNew !== false) onRecorded()
      const queued = isNew === undefined
      response.status(queued ? 202 : isNew ? 201 : 200).json({ ...deployment, recorded: isNew === true, queued })
    })
    .all(methodNotAllowed(['GET', 'HEAD', 'POST']))
  return router
}

function readDeployment(body: unknown, nowMs: number): Deployment {
  const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : undefined
  if (fields === undefined) throw badRequest('The body is not a JSON object.', [])
  const { version, commit, imageRef, at } = fields as Record<string, unknown>
  const errors: { field: string; detail: string }[] = []
  const optionalText = (field: string, value: unknown): string | null => {
    if (value === undefined || value === null) return null
    if (isText(value)) return value
    errors.push({ field, detail: 'is not a text of 1 to 256 characters' })
    return null
  }
  if (!isText(version)) errors.push({ field: 'version', detail: 'is not a text of 1 to 256 characters' })
  if (at !== undefined && !isTimestamp(at)) errors.push({ field: 'at', detail: 'is not an ISO 8601 time with a zone' })
  const deployment = {
    version: String(version),
    commit: optionalText('commit', commit),
    imageRef: optionalText('imageRef', imageRef),
    at: new Date(isTimestamp(at) ? at : nowMs),
    source: 'pipeline' as const,
  }
  if (errors.length > 0) throw badRequest('The deployment has fields that can not be used.', errors)
  return deployment
}

/** What Postgres can store as it is: neither NUL nor half of a surrogate pair. */
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= 256 && !value.includes('\0') && value.isWellFormed()

const isTimestamp = (value: unknown): value is string =>
  typeof value === 'string' && timestamp.test(value) && !Number.isNaN(Date.parse(value)) && isDay(value.slice(0, 10))

/** `Date` takes 30 February for 2 March. */
const isDay = (day: string) => new Date(`${day}T00:00Z`).toISOString().startsWith(day)

function badRequest(detail: string, errors: readonly { field: string; detail: string }[]): ProblemError {
  return new ProblemError({ status: 400, detail, extra: { errors } })
}
