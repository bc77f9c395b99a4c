import { hostname } from 'node:os'
import { expect } from 'vitest'
import { problemBody, problemContentType } from '../../src/http/problem.ts'
import type { RawAnswer } from '../support/raw-http.ts'

/** Host, time, process, connection, request. nginx writes the host's name in small letters. */
export const generatedId = new RegExp(`^${hostname().toLowerCase()}-\\d{10}\\.\\d{3}-\\d+-\\d+-\\d+$`)

/**
 * One of nginx's own answers, whole: its body has to be, byte for byte, what the service writes. Gives its request id.
 * `headers`: those beside the ones that every problem has.
 */
export function expectNginxProblem(
  { statusCode, headers, body }: RawAnswer,
  problem: { status: number; detail: string; headers?: Readonly<Record<string, string>> },
): string {
  const requestId = headers['x-request-id'] ?? ''
  expect(requestId).toMatch(generatedId)
  expect(statusCode).toBe(problem.status)
  expect(body).toBe(problemBody(problem, requestId))
  const { date: _date, connection: _connection, ...rest } = headers
  expect(rest).toEqual({
    server: 'nginx',
    'content-type': problemContentType,
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    ...problem.headers,
  })
  return requestId
}
