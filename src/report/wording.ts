/** How figures are written for people, everywhere in the report. */

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })

export const inWords = (count: number): string => whole.format(count)

const exact = new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 })

/** A bound as somebody wrote it. */
export const inFull = (value: number): string => exact.format(value)

/** `1 probe`, `2 probes`. */
export const counted = (count: number, noun: string): string => `${inWords(count)} ${noun}${count === 1 ? '' : 's'}`

export const notEnough = 'not enough data'

/** Milliseconds: three digits below 100, none after the point above. */
export function inMs(ms: number | null): string {
  if (ms === null) return notEnough
  return `${ms < 100 ? Number(ms.toPrecision(3)) : whole.format(ms)} ms`
}

/** A share as a percentage with one digit, or with as many more as it takes to tell it from 0 % and 100 %. */
export function inPercent(share: number | null): string {
  if (share === null) return notEnough
  const percent = share * 100
  if (share === 1 || share === 0) return `${percent} %`
  const toEnd = Math.min(Math.abs(percent), Math.abs(100 - percent))
  return `${percent.toFixed(toEnd < 0.1 ? Math.min(6, Math.ceil(-Math.log10(toEnd) - 1e-6)) : 1)} %`
}

/** `14 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`: two units. */
export function inTime(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (ms < 10_000) return `${Number((ms / 1_000).toFixed(1))} s`
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const
  const first = units.findIndex(([, size]) => seconds >= size)
  let rest = seconds
  const parts = units.slice(first, first + 2).map(([unit, size]) => {
    const value = Math.floor(rest / size)
    rest -= value * size
    return value === 0 ? '' : `${value} ${unit}`
  })
  return parts.filter((part) => part !== '').join(' ')
}

/** To the second, in UTC: `2026-11-22 10:00:00`. Milliseconds stay where there are any. */
export function inUtc(at: string | null): string {
  return at === null ? 'not seen' : at.replace('T', ' ').replace(/(\.0+)?Z$/, '')
}

export const inUsd = (usd: number): string => dollars.format(usd)
