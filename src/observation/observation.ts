/** One probe of one target, as one immutable record: what the outside probe writes and the history keeps. */

/** Milliseconds; a phase that did not happen is absent: no DNS for an address, no connect on a reused connection. */
export interface ProbePhases {
  readonly dnsMs?: number
  readonly connectMs?: number
  readonly tlsMs?: number
  readonly firstByteMs?: number
}

/** A check that was not healthy, as the health answer's `reasons` told it. */
export interface FailingCheck {
  readonly check: string
  readonly code: string
}

export interface Observation {
  readonly id: string
  /** When the probe really began; ISO 8601 in UTC with milliseconds. */
  readonly at: string
  /** When it was due by the schedule; `at` minus this is how late the prober was. */
  readonly intendedAt?: string
  readonly target: string
  /** Who probed. `self`: the service itself, which never counts in availability or objectives. */
  readonly source: string
  /** Of the machine that answered, as the machine told. */
  readonly region?: string
  readonly machine?: string
  readonly version?: string
  readonly durationMs: number
  /** Absent: nobody answered, and `errorCode` says why. */
  readonly statusCode?: number
  /** The `status` of the health answer. */
  readonly healthStatus?: string
  /** `Medio-Uptime-Ms` and `Medio-Resume-Ms` of the answer. */
  readonly uptimeMs?: number
  readonly resumeMs?: number
  readonly phases?: ProbePhases
  /** Why there is no usable answer: a code of the prober's, or `fly_` and a code of Fly's proxy (`fly_PR03`). */
  readonly errorCode?: string
  /** `services.database.responseTime` of the health answer. */
  readonly databaseMs?: number
  /** Absent: the answer had no `reasons`, so nothing is known of single checks. */
  readonly reasons?: readonly FailingCheck[]
}

/** The prober itself had no network: a control target failed too. Says nothing of the target. */
export const proberOffline = 'prober_offline'

export function isOk({ statusCode, healthStatus }: Observation): boolean {
  return statusCode === 200 && (healthStatus === 'healthy' || healthStatus === 'degraded')
}

/** Whether it tells anything of the target. */
export const isEvidence = ({ errorCode }: Observation): boolean => errorCode !== proberOffline
