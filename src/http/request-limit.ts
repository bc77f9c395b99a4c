import type { Request, RequestHandler } from 'express'
import type { AttemptLimit } from './attempt-limit.ts'
import { ProblemError } from './problem.ts'

/** Lets a client pass as often as the limit has it, and then answers 429. */
export function limitRequests(limit: AttemptLimit, clientOf: (request: Request) => string): RequestHandler {
  return (request, _response, next) => {
    const client = clientOf(request)
    const retryAfterSeconds = limit.retryAfterSeconds(client)
    if (retryAfterSeconds === undefined) {
      limit.count(client)
      return next()
    }
    const detail = 'Too many requests for this data from your address; wait as long as Retry-After says.'
    throw new ProblemError({ status: 429, detail, headers: { 'Retry-After': String(retryAfterSeconds) } })
  }
}
