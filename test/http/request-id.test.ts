import { describe, expect, it } from 'vitest'
import { createRequestIds } from '../../src/http/request-id.ts'

describe('a request id', () => {
  const next = createRequestIds(Math.random)

  it('is kept when it came in a safe form', () => {
    for (const id of ['a', '01HZX.4-_x', 'f'.repeat(128)]) expect(next(id)).toBe(id)
  })

  it('is replaced when it is forged', () => {
    for (const id of ['', 'f'.repeat(129), 'a b', 'a\nb', '<script>', 'ä', ['a', 'b']]) {
      const made = next(id)
      expect(made).not.toBe(id)
      expect(made).toMatch(/^[\w.-]{1,128}$/)
    }
  })

  it('is made anew for each request and differs between processes', () => {
    expect(next(undefined)).not.toBe(next(undefined))
    const other = createRequestIds(Math.random)
    expect(other(undefined).split('-')[0]).not.toBe(next(undefined).split('-')[0])
  })
})
