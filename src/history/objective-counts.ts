import type { SloObjective, SloOutcome } from '../telemetry/metric-definitions.ts'
import type { ObjectiveCount } from './slo-minutes.ts'

type Counts = Readonly<Record<SloObjective, Readonly<Record<SloOutcome, number>>>>

/** What the counters of the process have counted since they were last asked; objectives without an event are left out. */
export function createObjectiveCounts(counts: () => Counts): () => ObjectiveCount[] {
  const before = new Map<string, { good: number; bad: number }>()
  return () =>
    Object.entries(counts()).flatMap(([objective, { good, bad }]) => {
      const last = before.get(objective) ?? { good: 0, bad: 0 }
      before.set(objective, { good, bad })
      const total = good - last.good + (bad - last.bad)
      return total === 0 ? [] : { objective, good: good - last.good, total }
    })
}
