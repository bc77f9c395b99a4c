import { describe, expect, it } from 'vitest'
import { counted, inMs, inPercent, inTime, inUtc } from '../../src/report/wording.ts'

describe('figures in words', () => {
  it.each([
    [null, 'not enough data'],
    [0.04567, '0.0457 ms'],
    [63.888, '63.9 ms'],
    [146.4, '146 ms'],
    [12_345.6, '12,346 ms'],
  ])('%f milliseconds are %s', (ms, words) => {
    expect(inMs(ms)).toBe(words)
  })

  it.each([
    [null, 'not enough data'],
    [1, '100 %'],
    [0, '0 %'],
    [0.875, '87.5 %'],
    // What 20 of 20 prove.
    [0.83887, '83.9 %'],
    [0.0004, '0.04 %'],
    [0.9991, '99.91 %'],
    // Never rounded to 100 % or 0 %.
    [0.99999, '99.999 %'],
    [0.9996, '99.96 %'],
    [0.9999999, '99.99999 %'],
    [2.14, '214.0 %'],
  ])('the share %f is %s', (share, words) => {
    expect(inPercent(share)).toBe(words)
  })

  it.each([
    [0, '0 s'],
    [2_140, '2.1 s'],
    [15_000, '15 s'],
    [125_000, '2 min 5 s'],
    [12_000_000, '3 h 20 min'],
    [187_200_000, '2 d 4 h'],
    [300_000, '5 min'],
  ])('%i milliseconds are a time of %s', (ms, words) => {
    expect(inTime(ms)).toBe(words)
  })

  it('one is singular, and a time is one of UTC', () => {
    expect([counted(1, 'probe'), counted(0, 'probe'), counted(1_000, 'probe')]).toEqual([
      '1 probe',
      '0 probes',
      '1,000 probes',
    ])
    expect([inUtc('2026-11-22T10:00:00.000Z'), inUtc('2026-11-22T10:00:00.070Z'), inUtc(null)]).toEqual([
      '2026-11-22 10:00:00',
      '2026-11-22 10:00:00.070',
      'not seen',
    ])
  })
})
