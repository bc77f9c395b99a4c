import type { Observation } from './observation.ts'

export const startKinds = ['cold', 'resume', 'warm', 'unclassified'] as const
/** `unclassified`: the answer carries no evidence. */
export type StartKind = (typeof startKinds)[number]

/**
 * A process younger than the request was started while the request waited, and one that was resumed since the request
 * began was resumed for it. Both ages are the service's own word and need no clock of ours.
 */
export function startKind({ durationMs, uptimeMs, resumeMs }: Observation): StartKind {
  if (uptimeMs === undefined) return 'unclassified'
  if (uptimeMs < durationMs) return 'cold'
  if (resumeMs !== undefined && resumeMs < durationMs) return 'resume'
  return 'warm'
}
