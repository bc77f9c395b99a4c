import type { Observation } from '../observation/observation.ts'
import { readObservation } from '../observation/read-observation.ts'
import { ProblemError } from './problem.ts'

const batchMax = 1_000
/** A prober's clock may be wrong, but not by more. */
const aheadMaxMs = 86_400_000
/** More would only make the answer long. */
const errorsMax = 100

interface ItemError {
  readonly index: number
  readonly field: string
  readonly detail: string
}

/** The body of `POST /api/observations`: one observation or a list of them. Throws 400 that names every fault. */
export function readObservationBatch(body: unknown, nowMs: number, retentionDays: number): Observation[] {
  const items: unknown[] = Array.isArray(body) ? body : [body]
  if (items.length > batchMax) {
    throw badRequest(`The batch has ${items.length} observations; send at most ${batchMax} at once.`, [])
  }
  const observations: Observation[] = []
  const errors: ItemError[] = []
  for (const [index, item] of items.entries()) {
    const result = readObservation(item)
    if ('problems' in result) {
      errors.push(...result.problems.map((problem) => ({ index, ...problem })))
      continue
    }
    const detail = timeFault(Date.parse(result.observation.at), nowMs, retentionDays)
    if (detail !== undefined) errors.push({ index, field: 'at', detail })
    observations.push(result.observation)
  }
  if (errors.length > 0) throw badRequest('There are observations that can not be used; nothing is stored.', errors)
  return observations
}

/** One that retention has deleted would be counted anew. */
function timeFault(atMs: number, nowMs: number, retentionDays: number): string | undefined {
  if (atMs > nowMs + aheadMaxMs) return 'is more than a day ahead of the clock of the service'
  if (atMs < nowMs - retentionDays * 86_400_000) return `is older than the ${retentionDays} days that are kept`
  return undefined
}

const badRequest = (detail: string, errors: readonly ItemError[]) =>
  new ProblemError({ status: 400, detail, extra: { errors: errors.slice(0, errorsMax) } })
