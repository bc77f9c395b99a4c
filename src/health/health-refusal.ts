import { formatNames } from './answer-format.ts'
import { healthPath, knownPaths } from './paths.ts'

/** The request was at fault; the edge makes an RFC 9457 document of it. */
export interface HealthRefusal {
  readonly problem: {
    readonly status: number
    readonly detail: string
    readonly headers?: Readonly<Record<string, string>>
  }
}

/** What the token of a request is worth; see http/token-gate.ts. */
export type TokenVerdict =
  | { readonly verdict: 'granted' | 'missing' | 'wrong' }
  | { readonly verdict: 'limited'; readonly retryAfterSeconds: number }

function refuse(status: number, detail: string, headers: Readonly<Record<string, string>> = {}): HealthRefusal {
  return { problem: { status, detail, headers } }
}

export const unknownFormat = refuse(400, `Give format once, as one of ${formatNames.join(', ')}.`)
export const unknownPath = refuse(
  404,
  `There is nothing here; ask ${knownPaths.map((path) => `${healthPath}${path}`).join(', ')}.`,
)

export function wrongMethod(method: string): HealthRefusal {
  return refuse(405, `${method} is not possible here; use GET, HEAD.`, { Allow: 'GET, HEAD' })
}

/** Undefined when the names are all known and there is one: a report on nothing would be healthy. */
export function refuseNames(
  names: readonly string[],
  known: readonly string[],
  status: 400 | 404,
): HealthRefusal | undefined {
  const checks = `the checks are ${known.join(', ')}.`
  if (names.length === 0) return refuse(400, `only and exclude leave no check to run; ${checks}`)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length === 0) return undefined
  const quoted = unknown.map((name) => `"${name.slice(0, 64)}"`).join(', ')
  return refuse(status, `There is no check named ${quoted}; ${checks}`)
}

export function refuseToken(token: TokenVerdict): HealthRefusal {
  if (token.verdict === 'limited') {
    const headers = { 'Retry-After': String(token.retryAfterSeconds) }
    return refuse(429, 'Too many wrong tokens from this client; wait, then use the right one.', headers)
  }
  const challenge = token.verdict === 'wrong' ? 'Bearer realm="medio", error="invalid_token"' : 'Bearer realm="medio"'
  return refuse(401, 'Send the token for this path as Authorization: Bearer TOKEN.', { 'WWW-Authenticate': challenge })
}
