/** What a health body says of the instance beside its checks. */
export interface InstanceFacts {
  readonly environment: string
  readonly version: string
  readonly commit: string | undefined
  readonly buildDate: string | undefined
  readonly machine: { readonly id: string; readonly region: string }
  /** Of this machine: its cgroup's or VM's, not the host's. Undefined until first read. */
  readonly memory: { readonly usedMb: number; readonly totalMb: number } | undefined
  /** Of this process over the last interval. Undefined until there was one. */
  readonly cpuPercent: number | undefined
  readonly pool: PoolFacts | undefined
}

/** Connections of the pool, and callers that wait for one. */
export interface PoolFacts {
  readonly total: number
  readonly active: number
  readonly idle: number
  readonly waiting: number
  readonly max: number
}
