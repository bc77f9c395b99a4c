import { createHash, timingSafeEqual } from 'node:crypto'
import { createAttemptLimit } from './attempt-limit.ts'

/** `limited`: too many wrong tokens from this client; nothing was compared. */
export type GateAnswer =
  | { readonly verdict: 'granted' | 'missing' | 'wrong' }
  | { readonly verdict: 'limited'; readonly retryAfterSeconds: number }

/** `basic`: what browsers ask people for; the password is the token, and any user name will do. */
export type TokenScheme = 'bearer' | 'basic'

export interface TokenGate {
  /** Takes Bearer, and Basic where `schemes` has it. */
  check(authorization: string | undefined, client: string, schemes?: readonly TokenScheme[]): GateAnswer
}

/**
 * Bearer tokens (RFC 6750), or Basic passwords (RFC 7617) where asked for. Several are good at once so that one can be rotated in before the other goes. Hashing
 * first makes every comparison the same length, so that time tells nothing of the token.
 */
export function createTokenGate(options: {
  tokens: readonly string[]
  monotonicMs: () => number
  onWrong: (client: string) => void
}): TokenGate {
  const digests = options.tokens.map(digest)
  const failures = createAttemptLimit({ attemptsMax: 10, windowMs: 60_000, monotonicMs: options.monotonicMs })
  return {
    check(authorization = '', client, schemes = ['bearer']) {
      const token = bearerToken(authorization) ?? (schemes.includes('basic') ? basicPassword(authorization) : undefined)
      if (token === undefined) return { verdict: 'missing' }
      const retryAfterSeconds = failures.retryAfterSeconds(client)
      if (retryAfterSeconds !== undefined) return { verdict: 'limited', retryAfterSeconds }
      const given = digest(token)
      let granted = false
      for (const known of digests) granted = timingSafeEqual(known, given) || granted
      if (granted) return { verdict: 'granted' }
      failures.count(client)
      options.onWrong(client)
      return { verdict: 'wrong' }
    },
  }
}

const bearerToken = (authorization: string) => /^Bearer +(\S+) *$/i.exec(authorization)?.[1]

/** Undefined for an empty one too: browsers send it when a person leaves the field empty. */
function basicPassword(authorization: string): string | undefined {
  const encoded = /^Basic +([\w+/=-]+) *$/i.exec(authorization)?.[1]
  if (encoded === undefined) return undefined
  return /^[^:]*:(.+)$/s.exec(Buffer.from(encoded, 'base64').toString())?.[1]
}

const digest = (token: string) => createHash('sha256').update(token).digest()
