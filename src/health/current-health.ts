import type { LifecycleState } from '../lifecycle/lifecycle.ts'
import type { CheckRecord } from './check.ts'
import type { InstanceFacts } from './format/instance-facts.ts'
import { renderJson } from './format/json.ts'
import { buildReport, type HealthReport } from './report.ts'

/** What is true now, rendered before it is asked for. */
export interface CurrentHealth {
  report(): HealthReport
  /** The body of `/api/health` for those who hold no token. */
  json(): { readonly healthy: boolean; readonly render: (timestamp: string, uptimeSeconds: number) => string }
}

/** How old the facts beside the checks (pool, memory, CPU) may be in an answer. */
const factsMaxAgeMs = 100

/** Rendered anew when a check, the lifecycle or a result's freshness changes, so that a request costs a comparison. */
export function createCurrentHealth(options: {
  records: () => readonly CheckRecord[]
  /** Grows when `records` says something else. */
  version: () => number
  /** Monotonic instant at which a result turns stale by itself. */
  nextStaleAtMs: () => number
  lifecycleState: () => LifecycleState
  facts: () => InstanceFacts
  monotonicMs: () => number
}): CurrentHealth {
  const { records, version, nextStaleAtMs, lifecycleState, facts, monotonicMs } = options
  const build = () => {
    const state = lifecycleState()
    const report = buildReport(state, records())
    const nowMs = monotonicMs()
    return {
      state,
      version: version(),
      validUntilMs: Math.min(nowMs + factsMaxAgeMs, nextStaleAtMs()),
      report,
      json: {
        healthy: report.status === 'healthy' || report.status === 'degraded',
        render: renderJson(report, facts()),
      },
    }
  }
  let known: ReturnType<typeof build> | undefined

  const current = () => {
    if (
      known === undefined ||
      known.version !== version() ||
      known.state !== lifecycleState() ||
      monotonicMs() >= known.validUntilMs
    ) {
      known = build()
    }
    return known
  }
  return { report: () => current().report, json: () => current().json }
}
