import { describe, expect, it } from 'vitest'
import { createAttemptLimit } from '../../src/http/attempt-limit.ts'

describe('the limit on attempts', () => {
  const limited = () => {
    let now = 0
    const limit = createAttemptLimit({ attemptsMax: 2, windowMs: 60_000, monotonicMs: () => now })
    return { limit, advance: (ms: number) => (now += ms) }
  }

  it('stops one client at the limit and leaves the others alone', () => {
    const { limit, advance } = limited()
    limit.count('a')
    expect(limit.retryAfterSeconds('a')).toBeUndefined()
    advance(500)
    limit.count('a')
    expect(limit.retryAfterSeconds('a')).toBe(60)
    expect(limit.retryAfterSeconds('b')).toBeUndefined()
  })

  it('lets the client go on in the next window', () => {
    const { limit, advance } = limited()
    limit.count('a')
    limit.count('a')
    advance(59_999)
    expect(limit.retryAfterSeconds('a')).toBe(1)
    advance(1)
    expect(limit.retryAfterSeconds('a')).toBeUndefined()
  })

  it('counts clients beyond its bound together, so that forged addresses are limited too', () => {
    const { limit } = limited()
    for (let index = 0; index < 10_000; index += 1) limit.count(`client-${index}`)
    limit.count('one-more')
    limit.count('another')
    expect(limit.retryAfterSeconds('a-third')).toBe(60)
    expect(limit.retryAfterSeconds('client-1')).toBeUndefined()
  })
})
