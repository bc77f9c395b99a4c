import { formatDuration } from '../health/format/duration.ts'
import type { Deployment } from '../history/deployments.ts'
import { type Instant, instant } from './instant.ts'
import type { ShownMachine } from './status-source.ts'

export interface RegionView {
  readonly region: string
  readonly machines: readonly {
    readonly id: string
    /** The one that answers. */
    readonly isThis: boolean
    readonly isRunning: boolean
    readonly lastSeen: Instant
    /** Over all of its runs. */
    readonly ran: string
  }[]
}

export interface FleetView {
  readonly regions: readonly RegionView[]
  /** Machines that nobody has seen for a week. */
  readonly gone: number
}

/** A machine writes every minute; one that missed three is stopped, suspended, or can't reach the database. */
const runningWithinMs = 3 * 60_000
const goneAfterMs = 7 * 86_400_000

/** `seenAtMs`: when the machines were read; one is not stopped because the database is away since. */
export function fleetView(known: readonly ShownMachine[], thisId: string, seenAtMs: number, nowMs: number): FleetView {
  const present = known.filter(({ lastSeenAt }) => seenAtMs - lastSeenAt.getTime() < goneAfterMs)
  const regions = [...new Set(present.map(({ region }) => region))].toSorted()
  return {
    gone: known.length - present.length,
    regions: regions.map((region) => ({
      region,
      machines: present
        .filter((machine) => machine.region === region)
        .toSorted((a, b) => b.lastSeenAt.getTime() - a.lastSeenAt.getTime())
        .map(({ id, lastSeenAt, runningSeconds }) => ({
          id,
          isThis: id === thisId,
          isRunning: id === thisId || seenAtMs - lastSeenAt.getTime() < runningWithinMs,
          lastSeen: instant(lastSeenAt, nowMs),
          ran: formatDuration(runningSeconds * 1_000),
        })),
    })),
  }
}

export interface DeploymentView {
  readonly version: string
  readonly commit: string | undefined
  readonly at: Instant
  readonly isRunning: boolean
  readonly source: string
}

const deploymentsShown = 10
const sources = { start: 'recorded by its first start', pipeline: 'told by a pipeline' } as const

/** `running`: what the machine that answers runs. */
export function deploymentViews(
  known: readonly Deployment[],
  running: { readonly version: string; readonly commit: string | undefined },
  nowMs: number,
): DeploymentView[] {
  return known.slice(0, deploymentsShown).map(({ version, commit, at, source }) => ({
    version,
    commit: commit?.slice(0, 12),
    at: instant(at, nowMs),
    isRunning: version === running.version && (commit ?? undefined) === running.commit,
    source: sources[source],
  }))
}
