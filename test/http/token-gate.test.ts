import { describe, expect, it } from 'vitest'
import { createTokenGate } from '../../src/http/token-gate.ts'

const gateFor = (tokens: string[]) => {
  const wrong: string[] = []
  let now = 0
  const gate = createTokenGate({ tokens, monotonicMs: () => now, onWrong: (client) => wrong.push(client) })
  return { gate, wrong, advance: (ms: number) => (now += ms) }
}

describe('the token gate', () => {
  it('grants each of several tokens', () => {
    const { gate } = gateFor(['old-token', 'new-token'])
    expect(gate.check('Bearer old-token', 'a')).toEqual({ verdict: 'granted' })
    expect(gate.check('bearer new-token', 'a')).toEqual({ verdict: 'granted' })
  })

  it('tells a missing token from a wrong one', () => {
    const { gate, wrong } = gateFor(['token'])
    expect(gate.check(undefined, 'a')).toEqual({ verdict: 'missing' })
    expect(gate.check('Basic dG9rZW4=', 'a')).toEqual({ verdict: 'missing' })
    expect(gate.check('Bearer tokem', 'a')).toEqual({ verdict: 'wrong' })
    expect(gate.check('Bearer token2', 'a')).toEqual({ verdict: 'wrong' })
    expect(wrong).toEqual(['a', 'a'])
  })

  const basic = (userAndPassword: string) => `Basic ${Buffer.from(userAndPassword).toString('base64')}`
  const both = ['bearer', 'basic'] as const

  it('grants a token as the password of any user, where Basic is taken', () => {
    const { gate } = gateFor(['to:ken'])
    for (const user of ['', 'operator', 'näme']) {
      expect(gate.check(basic(`${user}:to:ken`), 'a', both)).toEqual({ verdict: 'granted' })
    }
    expect(gate.check('Bearer to:ken', 'a', both)).toEqual({ verdict: 'granted' })
    expect(gate.check(basic('operator:to:ken'), 'a')).toEqual({ verdict: 'missing' })
  })

  it('takes an empty or unreadable Basic password for none, and counts a wrong one', () => {
    const { gate, wrong } = gateFor(['token'])
    for (const none of ['Basic', 'Basic !!!', basic('token'), basic('operator:'), basic('')]) {
      expect(gate.check(none, 'a', both)).toEqual({ verdict: 'missing' })
    }
    expect(gate.check(basic('token:wrong'), 'a', both)).toEqual({ verdict: 'wrong' })
    expect(wrong).toEqual(['a'])
  })

  it('limits attempts with Basic and Bearer together', () => {
    const { gate } = gateFor(['token'])
    for (let attempt = 0; attempt < 5; attempt += 1) {
      gate.check('Bearer guess', 'a', both)
      gate.check(basic('operator:guess'), 'a', both)
    }
    expect(gate.check(basic('operator:token'), 'a', both)).toEqual({ verdict: 'limited', retryAfterSeconds: 60 })
  })

  it('grants nothing when no token is configured', () => {
    const { gate } = gateFor([])
    expect(gate.check('Bearer anything', 'a')).toEqual({ verdict: 'wrong' })
    expect(gate.check('Bearer ', 'a')).toEqual({ verdict: 'missing' })
  })

  it('compares no more for a client that failed ten times, not even the right token, until the minute is over', () => {
    const { gate, wrong, advance } = gateFor(['token'])
    for (let attempt = 0; attempt < 10; attempt += 1) gate.check('Bearer guess', 'a')
    expect(gate.check('Bearer token', 'a')).toEqual({ verdict: 'limited', retryAfterSeconds: 60 })
    expect(gate.check('Bearer token', 'b')).toEqual({ verdict: 'granted' })
    advance(60_000)
    expect(gate.check('Bearer token', 'a')).toEqual({ verdict: 'granted' })
    expect(wrong).toHaveLength(10)
  })
})
