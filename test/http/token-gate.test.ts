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
