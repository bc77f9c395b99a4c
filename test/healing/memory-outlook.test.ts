import { describe, expect, it } from 'vitest'
import { type MemorySample, memoryOutlook } from '../../src/healing/memory-outlook.ts'

const minute = 60_000
const lastsMs = 2 * minute
const everyMs = 5_000

/** A reading every five seconds up to now, from so many minutes ago on. `percentAt` gets minutes before now, below 0. */
function series(minutes: number, percentAt: (minutes: number) => number): MemorySample[] {
  const count = (minutes * minute) / everyMs
  return Array.from({ length: count + 1 }, (_, index) => {
    const atMs = (index - count) * everyMs
    return { atMs, percent: percentAt(atMs / minute) }
  })
}

function outlookOf(samples: readonly MemorySample[]) {
  const found = memoryOutlook(samples, 0, lastsMs)
  return typeof found === 'string' ? found : found.outlook
}
/** Noise that is the same in every run. */
const noise = (minutes: number) => 2 * Math.sin(minutes * 97)
const leak = (minutes: number) => 96 + 2 * minutes
/** Rises from `low` by `height` over `period` minutes and falls back, as garbage does. */
const sawtooth = (low: number, height: number, period: number) => (minutes: number) =>
  low + height * (((minutes % period) + period) % period) * (1 / period)

describe('the outlook of memory', () => {
  it.each([
    ['a plateau at 96 %', () => 96],
    ['a plateau at 98 % with noise', (minutes: number) => 98 + noise(minutes)],
    ['a heap that only collections of garbage keep above 95 %', sawtooth(95, 4, 0.5)],
  ])('is full for %s', (_what, percentAt) => {
    expect(outlookOf(series(10, percentAt))).toBe('full')
  })

  it.each([
    ['a leak of 2 % a minute at 96 %', leak],
    ['a leak of 4 % a minute at 94 %', (minutes: number) => 94 + 4 * minutes],
    ['a leak with noise', (minutes: number) => leak(minutes) + noise(minutes) / 2],
    ['a leak under a sawtooth', (minutes: number) => leak(minutes) + sawtooth(0, 4, 0.4)(minutes)],
    ['a leak after one burst', (minutes: number) => (minutes > -4 && minutes < -3 ? 99 : leak(minutes))],
  ])('is filling for %s', (_what, percentAt) => {
    expect(outlookOf(series(10, percentAt))).toBe('filling')
  })

  it('tells how much, and how fast it rises', () => {
    expect(memoryOutlook(series(10, leak), 0, lastsMs)).toEqual({
      outlook: 'filling',
      percent: expect.closeTo(leak(0), 5),
      percentPerMinute: expect.closeTo(2, 5),
    })
  })

  it.each([
    ['a plateau at 80 %', () => 80],
    ['a plateau at 94 %', () => 94],
    ['a plateau at 90 % with noise', (minutes: number) => 90 + noise(minutes)],
    ['a sawtooth of garbage between 70 and 97 %', sawtooth(70, 27, 1)],
    ['a quick sawtooth up to 99 %', sawtooth(85, 14, 0.3)],
    ['a slow sawtooth of 6 minutes up to 90 %', (minutes: number) => sawtooth(60, 30, 6)(minutes - 0.1)],
    ['a rise that ended at 88 % three minutes ago', (minutes: number) => Math.min(88, 94 + 2 * minutes)],
    ['a rise of 2 % a minute that is still at 80 %', (minutes: number) => 80 + 2 * minutes],
    ['a rise of 0.2 % a minute at 90 %, which leaves an hour', (minutes: number) => 90 + 0.2 * minutes],
    ['a rise of 2 % a minute that is at 93 %', (minutes: number) => 93 + 2 * minutes],
    ['a fall from 100 % to 94 %', (minutes: number) => 94 - 0.6 * minutes],
    ['96 % that began a minute ago', (minutes: number) => (minutes > -1 ? 96 : 60)],
    ['96 % with one better moment in between', (minutes: number) => (Math.abs(minutes + 1) < 0.01 ? 94 : 96)],
  ])('is good for %s', (_what, percentAt) => {
    expect(outlookOf(series(10, percentAt))).toBe('good')
  })

  it('is unknown until the time is over that a fault must last, and knows no rise before it has seen one', () => {
    expect(outlookOf([])).toBe('unknown')
    expect(outlookOf(series(1.4, () => 99))).toBe('unknown')
    expect(outlookOf(series(2, () => 99))).toBe('full')
    expect(outlookOf(series(6, leak))).toBe('good')
    expect(outlookOf(series(7, leak))).toBe('filling')
  })

  it.each([
    ['a machine that slept until a minute ago', -10, -1],
    ['a check that does not run any more', -1, 1],
  ])('is unknown for %s', (_what, goneFrom, goneUntil) => {
    const readings = series(20, () => 99)
    expect(outlookOf(readings)).toBe('full')
    const left = readings.filter(({ atMs }) => atMs < goneFrom * minute || atMs > goneUntil * minute)
    expect(outlookOf(left)).toBe('unknown')
  })
})
