import { describe, expect, test } from 'vitest'
import { createRedaction } from '../../src/telemetry/redaction.ts'

const lineOf = (fields: object) => `${JSON.stringify(fields)}\n`
const redacted = (secrets: readonly string[], fields: object) => {
  const line = createRedaction(secrets)?.line(lineOf(fields)) ?? ''
  expect(line.endsWith('}\n')).toBe(true)
  return JSON.parse(line) as unknown
}

test('without secrets there is nothing to do', () => {
  expect(createRedaction([])).toBeUndefined()
  expect(createRedaction([''])).toBeUndefined()
})

test('a line without a secret stays as it is, byte for byte', () => {
  const line = '{"level":"info",  "durationMs":1.50}\n'
  expect(createRedaction(['hunter2hunter2'])?.line(line)).toBe(line)
})

describe('a secret is replaced', () => {
  const secret = 'p@ss "word"/\\1\n+ü'
  const cases: [place: string, text: string][] = [
    ['as it is', secret],
    ['inside a document that is quoted in a message', JSON.stringify({ password: secret })],
    ['inside a document that is quoted twice', JSON.stringify(JSON.stringify({ password: secret }))],
    ['URL-encoded', `postgres://medio:${encodeURIComponent(secret)}@db/medio`],
    [
      'URL-encoded with small hexadecimal digits',
      encodeURIComponent(secret).replace(/%../g, (octet) => octet.toLowerCase()),
    ],
    ['form-encoded', new URLSearchParams({ password: secret }).toString()],
  ]
  test.each(cases)('%s', (_place, text) => {
    const clean = JSON.stringify(
      redacted([secret], { msg: `before ${text} after`, error: { cause: { stack: [text] } } }),
    )
    expect(clean.match(/\[redacted\]/g)).toHaveLength(2)
    expect(clean).not.toMatch(/ss .{0,8}word|p%40|p@ss/i)
    expect(clean).toContain('before ')
    expect(clean).toContain(' after')
  })

  test('as a key', () => {
    expect(redacted(['hunter2hunter2'], { headers: { hunter2hunter2: 1 } })).toEqual({ headers: { '[redacted]': 1 } })
  })

  test('as a number, and not within another number', () => {
    expect(redacted(['4711'], { code: 4711, bytes: 147_110 })).toEqual({ code: '[redacted]', bytes: 147_110 })
  })
})

test('the longer of two overlapping secrets goes first, so that no rest of it stays', () => {
  const url = 'postgres://medio:hunter2@db.internal/medio'
  expect(redacted(['hunter2', url, 'hunter2-and-more'], { msg: `${url} hunter2-and-more hunter2` })).toEqual({
    msg: '[redacted] [redacted] [redacted]',
  })
})

test('characters that mean something in an expression are taken literally', () => {
  expect(redacted(['a.b*c(d)[e]{f}^$|g?'], { msg: 'a.b*c(d)[e]{f}^$|g? aXbbc' })).toEqual({ msg: '[redacted] aXbbc' })
})

test('a weak secret leaves the fields that the logger writes itself in order', () => {
  const fields = {
    level: 'info',
    time: '2026-11-22T10:24:07.025Z',
    event: 'service_ready',
    machine: 'info',
    msg: 'info 2026',
  }
  expect(redacted(['info', '2026'], fields)).toEqual({ ...fields, msg: '[redacted] [redacted]' })
})

test('plain data is copied, and what is not text stays as it is', () => {
  const value = { a: ['hunter2', null, true, 1.5], b: undefined }
  expect(createRedaction(['hunter2'])?.value(value)).toEqual({ a: ['[redacted]', null, true, 1.5], b: undefined })
  expect(value.a[0]).toBe('hunter2')
})
