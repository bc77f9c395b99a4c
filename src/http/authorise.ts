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
