import { describe, expect, it } from 'vitest'
import { durationText, readDurationMs } from '../../src/monitor/duration.ts'

describe('a duration', () => {
  it.each([
    ['250ms', 250],
    ['15s', 15_000],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['15', undefined],
    ['s', undefined],
    ['-5s', undefined],
    ['5 s', undefined],
    ['5m!', undefined],
    ['', undefined],
  ])('is read with its unit or not at all: %j', (text, ms) => {
    expect(readDurationMs(text)).toBe(ms)
  })

  it.each([
    [0, '0 ms'],
    [999.4, '999 ms'],
    [1_000, '1 s'],
    [59_600, '1 min'],
    [245_000, '4 min 5 s'],
    [3_600_000, '1 h'],
    [5_430_000, '1 h 30 min'],
    [90_061_000, '1 d 1 h'],
  ])('of %j ms is told in at most two units', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
})
