import type { Finding, Rule } from '../rule.ts'

/**
 * The pause of a stop (`DRAIN_DELAY_MS`) is longer than a check's interval and time-out together: `ready` says no when
 * it begins, the proxy learns it by the next check at the latest, and only then may the port close.
 */
export const drainPause: Rule = {
  name: 'drain-pause',
  why: 'the port closes while the proxy still sends requests, and each of them fails',
  check({ fly, config, environment }) {
    const pauseMs = config.drainDelayMs
    return (fly.values.http_service?.checks ?? []).flatMap(({ interval, timeout }, index): Finding[] => {
      if (interval === undefined || timeout === undefined || pauseMs > interval + timeout) return []
      const check = `interval ${interval / 1_000} s + timeout ${timeout / 1_000} s`
      return [
        {
          at: environment.get('DRAIN_DELAY_MS')?.at ?? fly.at('http_service', 'checks', index, 'interval'),
          what: `DRAIN_DELAY_MS is ${pauseMs / 1_000} s, which is not longer than the check's ${check}`,
          next: 'Lengthen DRAIN_DELAY_MS and kill_timeout, or check more often',
        },
      ]
    })
  },
}
