import { describe, expect, it } from 'vitest'
import { formatAccepted, formatNamed } from '../../src/health/answer-format.ts'

describe('the form of a health answer', () => {
  it.each([
    [undefined, 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['application/health+json', 'health+json'],
    ['text/plain', 'text'],
    ['application/health+json;q=0.5, text/plain;q=0.9', 'text'],
    ['application/health+json, application/json;q=0.9, */*;q=0.1', 'health+json'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'json'],
    ['text/*', 'text'],
    ['application/json;q=0, */*', 'health+json'],
    ['image/png', 'json'],
    ['', 'json'],
    [';;q=x,,', 'json'],
  ])('for Accept %j is %s', (accept, format) => {
    expect(formatAccepted(accept)).toBe(format)
  })

  it('is asked for by name, with the plus encoded or not', () => {
    expect(['json', 'health+json', 'health json', 'text', 'xml', 'JSON', ''].map(formatNamed)).toEqual([
      'json',
      'health+json',
      'health+json',
      'text',
      undefined,
      undefined,
      undefined,
    ])
  })
})
