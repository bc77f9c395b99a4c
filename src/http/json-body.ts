import { isUtf8 } from 'node:buffer'
import express, { type RequestHandler } from 'express'
import { ProblemError } from './problem.ts'

/** Reads a JSON body of at most `limitBytes`, inflated; any other media type is refused before a byte is read. */
export function jsonBody(limitBytes: number): RequestHandler[] {
  const requireJson: RequestHandler = (request, _response, next) => {
    if (request.is('application/json')) return next()
    throw new ProblemError({ status: 415, detail: 'Send a JSON body with Content-Type: application/json.' })
  }
  return [requireJson, express.json({ limit: limitBytes, strict: false, verify: requireUtf8 })]
}

/** Decoding would put U+FFFD for what is broken, and store it. */
function requireUtf8(_request: unknown, _response: unknown, body: Buffer): void {
  if (!isUtf8(body)) throw new ProblemError({ status: 400, detail: 'The body is not valid UTF-8.' })
}
