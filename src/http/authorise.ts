import type { Request, RequestHandler } from 'express'
import { refuseToken } from '../health/health-refusal.ts'
import { ProblemError } from './problem.ts'
import type { TokenGate } from './token-gate.ts'

/** Lets a request pass with a token of the gate; `open` lets those pass that send none. */
export function authorise(gate: TokenGate, clientOf: (request: Request) => string, open: boolean): RequestHandler {
  return (request, _response, next) => {
    const answer = gate.check(request.headers.authorization, clientOf(request))
    if (answer.verdict === 'granted' || (open && answer.verdict === 'missing')) return next()
    throw new ProblemError(refuseToken(answer).problem)
  }
}

/** As above for what people open in a browser: it asks them for a name and a password, and the password is the token. */
export function authorisePage(gate: TokenGate, clientOf: (request: Request) => string, open: boolean): RequestHandler {
  return (request, _response, next) => {
    const answer = gate.check(request.headers.authorization, clientOf(request), ['bearer', 'basic'])
    if (answer.verdict === 'granted' || (open && answer.verdict === 'missing')) return next()
    const { problem } = refuseToken(answer)
    if (problem.status !== 401) throw new ProblemError(problem)
    const detail = 'Send the token as the password, or as Authorization: Bearer TOKEN.'
    // Basic alone: some browsers look at the first challenge only, and none asks a person for a Bearer token.
    const headers = { 'WWW-Authenticate': 'Basic realm="medio", charset="UTF-8"' }
    throw new ProblemError({ status: 401, detail, headers })
  }
}
