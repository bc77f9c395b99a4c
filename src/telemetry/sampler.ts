import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'
import type { Config } from '../config.ts'

/** By the names of `OTEL_TRACES_SAMPLER`. A parent-based one follows the caller, and decides where there is none. */
export function samplerOf(name: NonNullable<Config['tracing']>['sampler'], ratio: number): Sampler {
  const prefix = 'parentbased_'
  const root = rootSamplers[name.replace(prefix, '') as RootSampler](ratio)
  return name.startsWith(prefix) ? new ParentBasedSampler({ root }) : root
}

type RootSampler = keyof typeof rootSamplers

const rootSamplers = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio: number) => new TraceIdRatioBasedSampler(ratio),
}
