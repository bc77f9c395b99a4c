import type { Request, RequestHandler } from 'express'
import { ProblemError } from './problem.ts'
import type { TokenGate } from './token-gate.ts'

/** Lets a request pass with a token of the gate; `open` lets those pass that send none. */
export function authorise(gate: TokenGate, clientOf: (request: Request) => string, open: boolean): RequestHandler {
  return (request, _response, next) => {
    const answer = gate.check(request.headers.authorization, clientOf(request))
    if (answer.verdict === 'granted' || (open && answer.verdict === 'missing')) return next()
    if (answer.verdict === 'limited') {
      const headers = { 'Retry-After': String(answer.retryAfterSeconds) }
      throw new ProblemError({ status: 429, detail: 'Too many wrong tokens from this client; wait.', headers })
    }
    const error = answer.verdict === 'wrong' ? ', error="invalid_token"' : ''
    throw new ProblemError({
      status: 401,
      detail: 'Send the token for this path as Authorization: Bearer TOKEN.',
      headers: { 'WWW-Authenticate': `Bearer realm="medio"${error}` },
    })
  }
}
