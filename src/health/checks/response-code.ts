import type { ReasonCode } from '../check.ts'

/** The reason behind an HTTP status that is no success (RFC 9110, 15.5.2, 15.5.4 and 15.5.8 for the refusals). */
export function responseCode(statusCode: number): ReasonCode {
  return statusCode === 401 || statusCode === 403 || statusCode === 407 ? 'auth_failed' : 'bad_response'
}
