/** What one machine told of itself in its answers. */
export interface MachineFigures {
  readonly id: string
  readonly regions: readonly string[]
  readonly versions: readonly string[]
  readonly firstSeenAt: string
  readonly lastSeenAt: string
  readonly observations: number
  readonly failed: number
  readonly cold: number
  readonly resume: number
  readonly warm: number
  readonly restarts: number
  readonly deploys: number
  /** As last told by itself. */
  readonly uptimeMs: number | null
  readonly p50Ms: number | null
  readonly maxMs: number | null
  /** Bounded: the youngest processes that it was seen to run. */
  readonly runs: readonly MachineRun[]
}

/** One process of a machine, by its uptime: it started about `startedAt`. */
export interface MachineRun {
  readonly startedAt: string
  readonly firstSeenAt: string
  readonly lastSeenAt: string
  readonly version?: string
}
