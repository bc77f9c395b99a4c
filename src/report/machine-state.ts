import { isOk, type Observation } from '../observation/observation.ts'
import type { StartKind } from '../observation/start-kind.ts'
import { createDistribution } from '../statistics/distribution.ts'
import type { MachineFigures, MachineRun } from './machine-figures.ts'
import type { Happening } from './report.ts'

const mostRuns = 50
const mostWords = 20

export interface MachineState {
  readonly add: (observation: Observation, kind: StartKind) => readonly Happening[]
  readonly figures: () => MachineFigures
}

interface Process {
  readonly startedMs: number
  readonly run: MachineRun & { lastSeenAt: string }
  /** When the request began that it last answered, and its uptime then. */
  askedMs: number
  uptimeMs: number
}

/** What is known of one machine from what it told of itself. */
export function createMachineState(id: string, firstSeenAt: string): MachineState {
  const latency = createDistribution()
  const regions = new Set<string>()
  const versions = new Set<string>()
  const runs: MachineRun[] = []
  const counts = { observations: 0, failed: 0, cold: 0, resume: 0, warm: 0, unclassified: 0, restarts: 0, deploys: 0 }
  let lastSeenAt = firstSeenAt
  let version: string | undefined
  let process: Process | undefined

  function begin(observation: Observation, uptimeMs: number): Process {
    const startedMs = startOf(observation, uptimeMs)
    const { at } = observation
    const known = observation.version === undefined ? {} : { version: observation.version }
    const run = { startedAt: new Date(startedMs).toISOString(), firstSeenAt: at, lastSeenAt: at, ...known }
    runs.push(run)
    if (runs.length > mostRuns) runs.shift()
    return { startedMs, run, askedMs: Date.parse(at), uptimeMs }
  }

  /** A restart, when this answer is of another process than the one before. */
  function follow(observation: Observation, uptimeMs: number): Process | undefined {
    const before = process
    if (before === undefined || !isAnother(before, observation, uptimeMs)) {
      process ??= begin(observation, uptimeMs)
      process.run.lastSeenAt = observation.at
      process.askedMs = Date.parse(observation.at)
      process.uptimeMs = uptimeMs
      return undefined
    }
    process = begin(observation, uptimeMs)
    return before
  }

  function count(observation: Observation, kind: StartKind): void {
    counts.observations += 1
    counts[kind] += 1
    if (!isOk(observation)) counts.failed += 1
    if (observation.statusCode !== undefined) latency.add(observation.durationMs)
    if (observation.region !== undefined && regions.size < mostWords) regions.add(observation.region)
    lastSeenAt = observation.at
  }

  /** The version before, when this answer tells another. */
  function change(observation: Observation): string | undefined {
    const before = version
    version = observation.version ?? version
    if (version !== undefined && versions.size < mostWords) versions.add(version)
    if (before === undefined || before === version) return undefined
    counts.deploys += 1
    return before
  }

  return {
    add(observation, kind) {
      const { at, uptimeMs } = observation
      count(observation, kind)
      const from = change(observation)
      const happened: Happening[] = []
      if (from !== undefined) {
        happened.push({ kind: 'deploy', at, machine: id, evidence: `machine ${id} went from ${from} to ${version}` })
      }
      const before = uptimeMs === undefined ? undefined : follow(observation, uptimeMs)
      if (before !== undefined && uptimeMs !== undefined) {
        counts.restarts += 1
        happened.push({
          kind: 'restart',
          at,
          machine: id,
          cause: restartCause(from !== undefined, kind),
          sinceAt: before.run.lastSeenAt,
          startedAt: new Date(startOf(observation, uptimeMs)).toISOString(),
          evidence: `the uptime of machine ${id} went down from ${seconds(before.uptimeMs)} to ${seconds(uptimeMs)}`,
        })
      }
      return happened
    },
    figures() {
      const { unclassified, ...told } = counts
      return {
        id,
        ...{ regions: [...regions], versions: [...versions], firstSeenAt, lastSeenAt },
        ...told,
        uptimeMs: process?.uptimeMs ?? null,
        p50Ms: latency.percentile(0.5),
        maxMs: latency.count === 0 ? null : latency.percentile(1),
        runs,
      }
    },
  }
}

/** By the prober's clock, when the answer had just been written. */
const startOf = ({ at, durationMs }: Observation, uptimeMs: number): number => Date.parse(at) + durationMs - uptimeMs

/**
 * Its uptime is below what was told before, and it began after the one before was last asked. The second half keeps
 * apart two probes that overlapped, whose answers came in the other order.
 */
function isAnother(before: Process, observation: Observation, uptimeMs: number): boolean {
  return uptimeMs < before.uptimeMs && startOf(observation, uptimeMs) > before.askedMs
}

function restartCause(isDeploy: boolean, kind: StartKind): 'deploy' | 'wake' | 'unknown' {
  if (isDeploy) return 'deploy'
  return kind === 'cold' ? 'wake' : 'unknown'
}

const seconds = (ms: number): string => `${Number((ms / 1_000).toFixed(1))} s`
