import type { Observation } from '../observation/observation.ts'
import type { HistoryKind, RestartCode } from '../telemetry/metric-definitions.ts'
import type { Deployment } from './deployments.ts'
import type { IncidentReport } from './incidents.ts'
import type { Machine, MachineEvent } from './machine-events.ts'
import type { ObjectiveCount } from './slo-minutes.ts'

/** What a process wants recorded, as plain JSON, so that it can wait on disk for the database. Times are ISO 8601. */
export type HistoryEntry =
  | ({ readonly kind: 'start'; readonly machine: Machine; readonly at: string } & RunningVersion)
  | { readonly kind: 'machine_event'; readonly machine: Machine; readonly event: StoredMachineEvent }
  | { readonly kind: 'restart'; readonly machine: Machine; readonly at: string; readonly code: RestartCode }
  | ({ readonly kind: 'deployment' } & Omit<Deployment, 'at'> & { readonly at: string })
  | { readonly kind: 'observations'; readonly observations: readonly Observation[] }
  | { readonly kind: 'incident'; readonly report: IncidentReport }
  | {
      readonly kind: 'slo'
      readonly at: string
      readonly processId: string
      readonly counts: readonly ObjectiveCount[]
    }

export interface RunningVersion {
  readonly version: string
  readonly commit: string | null
  readonly imageRef: string | null
}

export type StoredMachineEvent = Omit<MachineEvent, 'at'> & { readonly at: string }

/** Fails to compile when a kind has no label in the metrics. */
export const kindOf = ({ kind }: HistoryEntry): HistoryKind => kind

/** How many records an entry is, for whoever counts what was lost. */
export const recordsOf = (entry: HistoryEntry): number =>
  entry.kind === 'observations' ? entry.observations.length : 1
