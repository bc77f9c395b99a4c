import type { Finding, Rule } from '../rule.ts'

/**
 * The grace period of each check is at least as long as a start takes on the share of a core that Fly guarantees
 * (bench/measured/start.json, written by the bench), and as a start that waits for Postgres may take.
 */
export const grace: Rule = {
  name: 'grace',
  why: 'a machine that is still starting is marked failed, and a deploy may be called off for it',
  check({ fly, config, measuredStart }) {
    const { startupDeadlineMs } = config.health
    return (fly.values.http_service?.checks ?? []).flatMap(({ grace_period: graceMs }, index): Finding[] => {
      const at = fly.at('http_service', 'checks', index, 'grace_period')
      if (graceMs === undefined) return []
      const findings: Finding[] = []
      if (graceMs <= startupDeadlineMs) {
        const what = `grace_period is ${graceMs / 1_000} s, and STARTUP_DEADLINE_MS is ${startupDeadlineMs / 1_000} s`
        findings.push({ at, what, next: 'Lengthen grace_period or shorten STARTUP_DEADLINE_MS' })
      }
      if (measuredStart.problem !== undefined) {
        const what = `grace_period has no measured start to be held against: ${measuredStart.problem}`
        findings.push({ at, what, next: 'Measure: npm run bench -- throttled-start --record --count 100' })
      } else if (graceMs < measuredStart.throttledP99Ms) {
        const { throttledP99Ms, count, measuredOn } = measuredStart
        const seconds = Math.ceil(throttledP99Ms / 100) / 10
        const what = `grace_period is ${graceMs / 1_000} s, and one start in a hundred takes ${seconds} s or more`
        findings.push({
          at,
          what: `${what} (${count} throttled starts on ${measuredOn})`,
          next: `Lengthen grace_period to ${Math.ceil(throttledP99Ms / 1_000)}s or more`,
        })
      }
      return findings
    })
  },
}
