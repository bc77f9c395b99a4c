import type { RequestHandler } from 'express'
import { ProblemError } from './problem.ts'

/** The last handler of a path: every method that no handler before it took. */
export function methodNotAllowed(allowed: readonly string[]): RequestHandler {
  const allow = allowed.join(', ')
  return (request) => {
    const detail = `${request.method} is not possible here; use ${allow}.`
    throw new ProblemError({ status: 405, detail, headers: { Allow: allow } })
  }
}
