import { isEvidence, type Observation } from '../observation/observation.ts'
import { selfSource } from '../observation/self-source.ts'
import { startKind } from '../observation/start-kind.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** Counts what was newly stored. The service's own probes are no user's doing, and count in no objective. */
export function countStored(
  metrics: Pick<Metrics, 'businessAction' | 'sloEvent'>,
  observations: readonly Observation[],
): void {
  for (const observation of observations) {
    if (observation.source === selfSource) continue
    metrics.businessAction('observation_stored')
    const kind = startKind(observation)
    if (!isEvidence(observation) || kind === 'unclassified') continue
    metrics.sloEvent('cold_start', kind === 'warm' ? 'good' : 'bad')
  }
}
