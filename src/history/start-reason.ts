/** Why a process started, as far as the record of its machine can tell. */
export type StartReason = 'wake' | 'deploy' | 'crash' | 'unknown'

/** The run before this one on the same machine. */
export interface PreviousRun {
  readonly version: string | null
  readonly commit: string | null
  /** It recorded its own stop, and did not stop to restart itself for a fault. */
  readonly endedCleanly: boolean
}

/** As it stands in the database. */
export interface RecordedRun extends PreviousRun {
  /** Its end is recorded, by itself or by a later start that found it missing. */
  readonly hasStop: boolean
  /** When it was last known to live. */
  readonly lastSignAt: Date
}

/**
 * A crash wins over a deployment: a version that changes after an unclean end is most likely the repair of it, and the
 * crash is what somebody must know. A machine without a past is the deployment's own when its version is new.
 */
export function startReason(
  previous: PreviousRun | undefined,
  running: { readonly version: string; readonly commit: string | null; readonly isNewDeployment: boolean },
): StartReason {
  if (previous === undefined) return running.isNewDeployment ? 'deploy' : 'unknown'
  if (!previous.endedCleanly) return 'crash'
  if (previous.version !== running.version || previous.commit !== running.commit) return 'deploy'
  return 'wake'
}
