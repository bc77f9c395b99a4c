/** Records in, what the page shows out. Pure: the instant is an argument, and nothing here knows HTML. */
import { formatDuration } from '../health/format/duration.ts'
import type { InstanceFacts } from '../health/format/instance-facts.ts'
import type { HealthReport } from '../health/report.ts'
import { type AvailabilityView, availabilityView } from './availability-view.ts'
import { type DeploymentView, deploymentViews, type FleetView, fleetView } from './fleet-view.ts'
import { type HealthView, healthView } from './health-view.ts'
import { type IncidentsView, incidentsView } from './incident-view.ts'
import { type Instant, instant } from './instant.ts'
import { type LatencyView, latencyView } from './latency-view.ts'
import { type ObjectiveView, objectiveViews } from './objective-view.ts'
import type { Known, KnownHistory } from './status-source.ts'

/** `readAt`: set when it is so old that the reader must be told. */
export interface Section<T> {
  readonly value: T
  readonly readAt: Instant | undefined
}

export interface StatusView {
  /** ISO 8601. */
  readonly renderedAt: string
  readonly environment: string
  readonly version: string
  readonly commit: string | undefined
  readonly machine: { readonly id: string; readonly region: string }
  readonly upFor: string
  readonly health: HealthView
  /** Since when not all of the history can be read. */
  readonly unreadableSince: Instant | undefined
  /** Each undefined while it was never read. */
  readonly incidents: Section<IncidentsView> | undefined
  readonly availability: Section<AvailabilityView> | undefined
  readonly latency: Section<LatencyView> | undefined
  readonly objectives: Section<readonly ObjectiveView[]> | undefined
  readonly fleet: Section<FleetView> | undefined
  readonly deployments: Section<readonly DeploymentView[]> | undefined
}

/** An age that a page refreshed every half minute can't have while the history is read. */
const toldAfterMs = 60_000

export function statusView(options: {
  report: HealthReport
  history: KnownHistory
  facts: Pick<InstanceFacts, 'environment' | 'version' | 'commit' | 'machine'>
  uptimeMs: number
  nowMs: number
  /** How many days of availability. */
  dayCount: number
}): StatusView {
  const { report, history, facts, uptimeMs, nowMs, dayCount } = options
  const { environment, version, commit, machine } = facts
  const unreadableSinceMs = history.unreadableSince?.getTime() ?? 0
  function section<T, View>(known: Known<T> | undefined, toView: (value: T, readAtMs: number) => View) {
    if (known === undefined) return undefined
    const readAtMs = known.at.getTime()
    const isOld = nowMs - readAtMs > toldAfterMs || readAtMs < unreadableSinceMs
    return { value: toView(known.value, readAtMs), readAt: isOld ? instant(known.at, nowMs) : undefined }
  }
  return {
    ...{ environment, version, commit, machine },
    renderedAt: new Date(nowMs).toISOString(),
    upFor: formatDuration(uptimeMs),
    health: healthView(report, nowMs),
    unreadableSince: history.unreadableSince && instant(history.unreadableSince, nowMs),
    incidents: section(history.incidents, (known) => incidentsView(known, nowMs)),
    availability: section(history.days, (known) => availabilityView(known, dayCount, nowMs)),
    latency: section(history.latency, (known) => latencyView(known, nowMs)),
    objectives: section(history.slo, objectiveViews),
    fleet: section(history.machines, (known, readAtMs) => fleetView(known, machine.id, readAtMs, nowMs)),
    deployments: section(history.deployments, (known) => deploymentViews(known, { version, commit }, nowMs)),
  }
}
