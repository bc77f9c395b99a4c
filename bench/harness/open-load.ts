/** Open load: requests are due at fixed instants whether or not earlier ones were answered. */
import { fileURLToPath } from 'node:url'
import { runNode } from './node-process.ts'
import { loadCore } from './pinning.ts'

export interface OpenLoadOptions {
  readonly origin: string
  /** Connected to instead of the origin's port. */
  readonly socketPath?: string
  /** Asked in turn. */
  readonly paths: readonly string[]
  readonly perSecond: number
  readonly seconds: number
}

/** Latency counts from the instant at which the request was due, so a stall is felt by all that were due in it. */
export interface OpenLoad {
  readonly sent: number
  readonly answered: number
  readonly statusCounts: Readonly<Record<string, number>>
  readonly p50Us: number
  readonly p90Us: number
  readonly p99Us: number
}

const generator = fileURLToPath(new URL('open-load-generator.ts', import.meta.url))

export function openLoad(options: OpenLoadOptions): Promise<OpenLoad> {
  return runNode<OpenLoad>({ core: loadCore, args: [generator, JSON.stringify(options)] })
}
