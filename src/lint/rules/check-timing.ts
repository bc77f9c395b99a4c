import type { FlyHttpCheck } from '../fly-services.ts'
import type { Finding, Place, Rule } from '../rule.ts'

const leastMs = 1_000
const mostMs = 60_000

/**
 * Interval, time-out and grace period of each check are stated, within 1 to 60 s, and the time-out is shorter than the
 * interval. Fly forces other values into 1 to 60 s in silence, and the rules that build on them would be wrong.
 */
export const checkTiming: Rule = {
  name: 'check-timing',
  why: 'Fly uses other times than the file says, and a check that outlasts its interval overlaps the next',
  check({ fly }) {
    return (fly.values.http_service?.checks ?? []).flatMap((check, index) =>
      findings(check, (key) => fly.at('http_service', 'checks', index, key)),
    )
  },
}

function findings(check: FlyHttpCheck, at: (key: keyof FlyHttpCheck) => Place): Finding[] {
  const keys = ['interval', 'timeout', 'grace_period'] as const
  const outside = keys.flatMap((key): Finding[] => {
    const ms = check[key]
    if (ms === undefined) {
      return [{ at: at(key), what: `the check has no ${key}`, next: `Add ${key}, from 1s to 60s` }]
    }
    if (ms >= leastMs && ms <= mostMs) return []
    return [{ at: at(key), what: `${key} is ${ms / 1_000} s`, next: 'Choose from 1s to 60s' }]
  })
  const { timeout, interval } = check
  if (timeout === undefined || interval === undefined || timeout < interval) return outside
  const what = `timeout ${timeout / 1_000} s is not shorter than interval ${interval / 1_000} s`
  return [...outside, { at: at('timeout'), what, next: 'Shorten timeout or lengthen interval' }]
}
