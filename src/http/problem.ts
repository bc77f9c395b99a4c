import { STATUS_CODES } from 'node:http'

export const problemContentType = 'application/problem+json; charset=utf-8'

/** An error as RFC 9457 has it. `detail` is for the caller: what was wrong with the request and what to do. */
export interface Problem {
  readonly status: number
  readonly detail: string
  readonly headers?: Readonly<Record<string, string>>
  /** Members beside the standard ones, such as the `errors` of a batch. */
  readonly extra?: Readonly<Record<string, unknown>>
}

/** `about:blank` is RFC 9457's type for a problem that its status code names well enough. */
export function problemBody(problem: Problem, requestId: string): string {
  return JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[problem.status] ?? 'Error',
    status: problem.status,
    detail: problem.detail,
    requestId,
    ...problem.extra,
  })
}

/** Thrown by a route to answer with a problem document. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}
