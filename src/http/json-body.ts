import express, { type RequestHandler } from 'express'
import { ProblemError } from './problem.ts'

/** Reads a JSON body of at most `limitBytes`; any other media type is refused before a byte is read. */
export function jsonBody(limitBytes: number): RequestHandler[] {
  const requireJson: RequestHandler = (request, _response, next) => {
    if (request.is('application/json')) return next()
    throw new ProblemError({ status: 415, detail: 'Send a JSON body with Content-Type: application/json.' })
  }
  return [requireJson, express.json({ limit: limitBytes, strict: true })]
}
