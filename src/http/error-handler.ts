import type { ErrorRequestHandler } from 'express'
import { DatabaseError } from '../errors.ts'
import { type Problem, ProblemError, problemBody, problemContentType } from './problem.ts'

/** Errors of the body parser and of Express carry a status and a type, but their texts are not for outside. */
const parserDetails: Readonly<Record<string, string>> = {
  'entity.parse.failed': 'The body is not valid JSON.',
  'entity.too.large': 'The body is too large; send less at once.',
  'encoding.unsupported': 'The Content-Encoding is not supported; send the body as it is or with gzip.',
  'charset.unsupported': 'The charset is not supported; send UTF-8.',
  'request.aborted': 'The request ended before its body did.',
  'request.size.invalid': 'The body is not as long as Content-Length says.',
}

/** Whatever a route threw becomes a problem document; only faults of ours are reported, and no stack goes out. */
export function createErrorHandler(report: (error: unknown, requestId: string) => void): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const requestId = String(response.locals.requestId)
    const problem = toProblem(error)
    if (problem.status >= 500) {
      response.locals.error = error
      // A database that is away is told by health and metrics; every request of an outage would fill Sentry with it.
      if (problem.status !== 503) report(error, requestId)
    } else {
      response.locals.detail = problem.detail
    }
    if (response.headersSent) {
      response.destroy()
      return
    }
    for (const [name, value] of Object.entries(problem.headers ?? {})) response.setHeader(name, value)
    response.status(problem.status).setHeader('Content-Type', problemContentType)
    response.setHeader('Cache-Control', 'no-store')
    const body = problemBody(problem, requestId)
    // Node counts a body by itself, but not the one that HEAD leaves out.
    response.setHeader('Content-Length', Buffer.byteLength(body))
    response.end(body)
  }
}

function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  if (error instanceof DatabaseError && isUnavailable(error)) {
    return { status: 503, detail: 'The database did not answer; try again shortly.', headers: { 'Retry-After': '5' } }
  }
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500
  if (status >= 400 && status < 500) {
    const type = error instanceof Error && 'type' in error ? String(error.type) : ''
    return { status, detail: parserDetails[type] ?? 'The request could not be read; check its path and body.' }
  }
  return { status: 500, detail: 'The request failed here; quote the request id when you report it.' }
}

/**
 * No answer at all, or one that another time would be different: SQLSTATE classes 08 (connection), 53 (resources) and
 * 57 (operator intervention, time-out), 25006 (takes no writes, in a fail-over) and 55P03 (a lock was not to be had).
 */
function isUnavailable(error: DatabaseError): boolean {
  return error.sqlState === undefined || /^(08|53|57|25006|55P03)/.test(error.sqlState)
}
