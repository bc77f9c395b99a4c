import type { InstanceFacts } from '../health/format/instance-facts.ts'
import type { HealthReport } from '../health/report.ts'
import { contentSecurityPolicy, renderPage } from './page.ts'
import { type StatusData, shownDays } from './status-data.ts'
import { statusView } from './view.ts'

export interface StatusPage {
  render(): Promise<string>
  readonly contentSecurityPolicy: string
}

/** One rendering serves all who ask within it: the page may be public. */
const keptMs = 1_000

export function createStatusPage(options: {
  data: StatusData
  report: () => HealthReport
  facts: () => Pick<InstanceFacts, 'environment' | 'version' | 'commit' | 'machine'>
  uptimeMs: () => number
  wallMs: () => number
  monotonicMs: () => number
}): StatusPage {
  const { data, report, facts, uptimeMs, wallMs, monotonicMs } = options
  let kept: { readonly html: string; readonly status: HealthReport['status']; readonly atMs: number } | undefined
  return {
    contentSecurityPolicy,
    async render() {
      const history = await data.read()
      const now = report()
      const atMs = monotonicMs()
      if (kept === undefined || atMs - kept.atMs >= keptMs || kept.status !== now.status) {
        const view = statusView({
          ...{ history, report: now, facts: facts() },
          ...{ uptimeMs: uptimeMs(), nowMs: wallMs(), dayCount: shownDays },
        })
        kept = { html: renderPage(view), status: now.status, atMs }
      }
      return kept.html
    },
  }
}
