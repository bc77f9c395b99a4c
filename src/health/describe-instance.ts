import type { Config } from '../config.ts'
import type { InstanceFacts, PoolFacts } from './format/instance-facts.ts'
import type { MachineSampler } from './machine-sampler.ts'

const bytesPerMb = 2 ** 20

/** `machine` and `pool` are undefined until they are built. */
export function describeInstance(
  config: Config,
  version: string,
  machine: MachineSampler | undefined,
  pool: PoolFacts | undefined,
): InstanceFacts {
  const { environment, commit, buildDate } = config
  const memory = machine?.memory()
  return {
    ...{ environment, version, commit, buildDate, pool },
    machine: config.machine,
    memory: memory && { usedMb: memory.usedBytes / bytesPerMb, totalMb: memory.totalBytes / bytesPerMb },
    cpuPercent: machine?.cpuPercent(),
  }
}
