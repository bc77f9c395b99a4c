import type { RestartCode } from '../telemetry/metric-definitions.ts'

/** A fault of this machine that has lasted for long, and that a restart would mend. */
export interface LocalFault {
  readonly code: RestartCode
  /** For the log. */
  readonly message: string
  /** The last word before the permission is asked for: no other machine has the same cause of it. */
  isLocal(): Promise<boolean>
}

/** Looks for one kind of fault. Undefined: there is none, or it is too young. Looked at regularly. */
export interface FaultWatch {
  look(): LocalFault | undefined
}
