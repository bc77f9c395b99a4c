import { createHash, timingSafeEqual } from 'node:crypto'
import { createAttemptLimit } from './attempt-limit.ts'

/** `limited`: too many wrong tokens from this client; nothing was compared. */
export type GateAnswer =
  | { readonly verdict: 'granted' | 'missing' | 'wrong' }
  | { readonly verdict: 'limited'; readonly retryAfterSeconds: number }

export interface TokenGate {
  check(authorization: string | undefined, client: string): GateAnswer
}

/**
 * Bearer tokens (RFC 6750). Several are good at once so that one can be rotated in before the other goes. Hashing
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
    check(authorization, client) {
      const token = authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
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

const digest = (token: string) => createHash('sha256').update(token).digest()
