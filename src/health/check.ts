/**
 * What a check is, and the words for what it found. A check does one thing or throws: timers, retries,
 * thresholds, logs and metrics belong to the engine.
 */

/** `local`: only this machine can have it. `shared`: every machine has it at once. */
export type CheckScope = 'local' | 'shared'

/** The closed list of reasons that may leave the process; texts of errors never do without the operator token. */
export const reasonCodes = [
  'timeout',
  'connection_refused',
  'connection_lost',
  'dns_failed',
  'tls_failed',
  'auth_failed',
  'too_many_connections',
  'pool_exhausted',
  'pool_stuck',
  'read_only',
  'schema_behind',
  'disk_full',
  'disk_read_only',
  'memory_high',
  'event_loop_blocked',
  'cpu_high',
  'clock_jumped',
  'bad_response',
  'stale',
  'check_failed',
] as const
export type ReasonCode = (typeof reasonCodes)[number]

export type CheckStatus = 'healthy' | 'degraded' | 'unhealthy' | 'stale' | 'unknown' | 'idle' | 'not configured'

/** What was measured: `observedValue` in `observedUnit` (a unit's usual sign: ms, percent, MB), judged against `threshold`. */
export interface Measurement {
  readonly observedValue?: number
  readonly observedUnit?: string
  readonly threshold?: number
}

/** What a run that did not throw brought back. `degraded` is a fault that never counts for more than a warning. */
export interface CheckReading extends Measurement {
  readonly degraded?: { readonly code: ReasonCode; readonly message: string }
}

/** Thrown by a check that knows why it failed. Any other error is classified by `checks/failure-code.ts`. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure'
  readonly code: ReasonCode
  readonly measurement: Measurement

  constructor(code: ReasonCode, message: string, measurement: Measurement = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.measurement = measurement
  }
}

interface CheckIdentity {
  readonly name: string
  readonly scope: CheckScope
  /** The service is `unhealthy` while this fails; otherwise only `degraded`. */
  readonly critical: boolean
}

/**
 * A check that can run. `run` must end soon after `signal` aborts, with its connection destroyed and the work on
 * the far side ended; the engine does not wait for it. `runDeep` is the same question asked with writes.
 */
export interface ConfiguredCheck extends CheckIdentity {
  readonly configured: true
  /** Talks to something outside the machine: paused while idle. */
  readonly remote: boolean
  readonly intervalMs: number
  readonly timeoutMs: number
  run(signal: AbortSignal): CheckReading | Promise<CheckReading>
  runDeep?(signal: AbortSignal): CheckReading | Promise<CheckReading>
  /** Lets go of kept connections: when idle, after a resume, at the end. The next run opens them again. */
  release?(): void | Promise<void>
}

export interface UnconfiguredCheck extends CheckIdentity {
  readonly configured: false
}

export type Check = ConfiguredCheck | UnconfiguredCheck

/** What is known of a check at one instant. Times ending in `At` are epoch milliseconds. */
export interface CheckRecord extends CheckIdentity, Measurement {
  readonly status: CheckStatus
  readonly code?: ReasonCode
  /** Text of the failure, for holders of the operator token only. */
  readonly message?: string
  /** When the first failed run of this failure ended. */
  readonly since?: number
  readonly consecutiveFailures: number
  readonly checkedAt?: number
  readonly durationMs?: number
}
