import { metricsPath } from '../../http/metrics-listener.ts'
import type { Finding, Rule } from '../rule.ts'

/** `[metrics]` of fly.toml names the port and the path that Node serves them on. */
export const metricsPort: Rule = {
  name: 'metrics-port',
  why: 'without it no dashboard and no alert has anything to go by, and nobody is told',
  check({ fly, config, environment }) {
    const [metrics, ...more] = fly.values.metrics ?? []
    const next = `Write: [metrics] with port = ${config.metricsPort} and path = "${metricsPath}"`
    if (metrics === undefined) return [{ at: fly.at(), what: 'fly.toml has no [metrics]', next }]
    const findings: Finding[] = []
    if (config.metricsPort === 0) {
      const at = environment.get('METRICS_PORT')?.at ?? fly.at('metrics')
      findings.push({ at, what: 'METRICS_PORT is 0, a free port that nobody can know', next: 'Give it a number' })
    } else if (metrics.port !== config.metricsPort) {
      const what = `[metrics] port is ${metrics.port}, and METRICS_PORT is ${config.metricsPort}`
      findings.push({ at: fly.at('metrics', 0, 'port'), what, next })
    }
    const path = metrics.path ?? metricsPath
    if (path !== metricsPath) {
      const what = `[metrics] path is ${path}, and the service has ${metricsPath}`
      findings.push({ at: fly.at('metrics', 0, 'path'), what, next })
    }
    if (metrics.https === true) {
      const what = '[metrics] asks by https, and the listener speaks http'
      findings.push({ at: fly.at('metrics', 0, 'https'), what, next: 'Take https out' })
    }
    if (more.length > 0) {
      const what = `there are ${more.length + 1} [[metrics]], and the service has one listener`
      findings.push({ at: fly.at('metrics', 1), what, next: 'Keep one' })
    }
    return findings
  },
}
