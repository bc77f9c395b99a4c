import type { FlyConfig } from '../fly-schema.ts'
import type { FlyToml } from '../fly-toml.ts'
import type { Finding, Rule } from '../rule.ts'

/**
 * What fly.toml can say for two machines of which one is always up: one runs when nobody asks, and a deploy replaces
 * one after the other. Their count stands in no file (`fly scale count 2`).
 */
export const twoMachines: Rule = {
  name: 'two-machines',
  why: 'when the only machine that is up starts, stops, fails or is replaced, every caller waits or gets an error',
  check({ fly }) {
    const service = fly.values.http_service
    return service === undefined ? [] : [...runningFindings(fly, service), ...deployFindings(fly)]
  },
}

function runningFindings(fly: FlyToml, service: NonNullable<FlyConfig['http_service']>): Finding[] {
  const { auto_stop_machines: autoStop = 'off', auto_start_machines: autoStart = true } = service
  // Without it Fly stops none, and counts none either.
  if (autoStop === 'off') return []
  const findings: Finding[] = []
  const running = service.min_machines_running ?? 0
  if (running < 1) {
    const what = `min_machines_running is ${running}, and auto_stop_machines is "${autoStop}": all may be down at once`
    const at = fly.at('http_service', 'min_machines_running')
    findings.push({ at, what, next: 'Set min_machines_running = 1' })
  }
  if (fly.values.primary_region === undefined) {
    const what = 'primary_region is not set, and min_machines_running counts there only'
    findings.push({ at: fly.at('http_service', 'min_machines_running'), what, next: 'Set primary_region' })
  }
  if (!autoStart) {
    const what = `auto_start_machines is false, and auto_stop_machines is "${autoStop}": what stopped stays so`
    const at = fly.at('http_service', 'auto_start_machines')
    findings.push({ at, what, next: 'Set auto_start_machines = true' })
  }
  return findings
}

function deployFindings(fly: FlyToml): Finding[] {
  const { strategy = 'rolling', max_unavailable: most } = fly.values.deploy ?? {}
  if (strategy === 'immediate') {
    const what = 'deploy.strategy is "immediate", which replaces both machines at once'
    return [{ at: fly.at('deploy', 'strategy'), what, next: 'Write: strategy = "rolling"' }]
  }
  if (strategy !== 'rolling' || most === undefined) return []
  // As flyctl counts: from 1 on machines, below it a part of them, rounded up.
  const ofTwo = most >= 1 ? Math.floor(most) : Math.ceil(most * 2)
  if (ofTwo < 2) return []
  const what = `deploy.max_unavailable is ${most}, which lets a deploy take two machines of two at once`
  return [{ at: fly.at('deploy', 'max_unavailable'), what, next: 'Write: max_unavailable = 1' }]
}
