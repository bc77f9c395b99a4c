import type { CheckRecord } from '../health/check.ts'
import type { IncidentReport } from './incidents.ts'

/**
 * What this machine sees of each check, made into news of incidents. A failure becomes one when the engine has settled on
 * it; a warning, when it has lasted. It is over when the check has been well for `quietMs`, so that one that flaps is one
 * incident, which ends where the last good stretch began.
 *
 *   well ── unhealthy or stale, or degraded for degradedMs: opened ──► failing
 *     ▲                                                                  │ ▲
 *     └───────────────── well for quietMs: recovered ────────────────────┘ └─ fails again before that
 */
export interface IncidentTracker {
  /** Looks at the records as they are now. */
  look(): void
  /** Checks that fail now. */
  failing(): string[]
  /** These fail, and have no open incident any more: what was taken for gone has come back. */
  reopen(checks: readonly string[]): void
  /** Checks that have been well for `quietMs`, and since when by the wall clock. */
  well(): { readonly check: string; readonly since: Date }[]
}

const quietMs = 60_000
const degradedMs = 60_000

interface Seen {
  isOpen: boolean
  isFailing: boolean
  /** The incident before it was closed by then. */
  notBeforeMs: number
  /** Undefined while not known to be well. */
  wellSince: { readonly monotonicMs: number; readonly wallMs: number } | undefined
}

export function createIncidentTracker(options: {
  machine: { readonly id: string; readonly region: string }
  records: () => readonly CheckRecord[]
  monotonicMs: () => number
  wallMs: () => number
  onReport: (report: IncidentReport) => void
  quietMs?: number
  degradedMs?: number
}): IncidentTracker {
  const { machine, records, monotonicMs, wallMs, onReport } = options
  const waits = { quietMs: options.quietMs ?? quietMs, degradedMs: options.degradedMs ?? degradedMs }
  const seen = new Map<string, Seen>()

  function lookAt(record: CheckRecord): void {
    const state = seen.get(record.name) ?? { isOpen: false, isFailing: false, notBeforeMs: 0, wellSince: undefined }
    seen.set(record.name, state)
    state.isFailing = fails(record, wallMs() - waits.degradedMs)
    if (record.status !== 'healthy') {
      state.wellSince = undefined
      if (state.isFailing && !state.isOpen) open(record, state)
      return
    }
    state.wellSince ??= { monotonicMs: monotonicMs(), wallMs: wallMs() }
    if (!state.isOpen || !isLong(state)) return
    state.isOpen = false
    const recoveredAt = new Date(state.wellSince.wallMs).toISOString()
    onReport({ change: 'recovered', ...identity(record), recoveredAt })
  }

  function open(record: CheckRecord, state: Seen): void {
    state.isOpen = true
    const { status, code = 'check_failed', message, since, consecutiveFailures } = record
    const { observedValue, observedUnit, threshold } = record
    onReport({
      change: 'opened',
      ...identity(record),
      openedAt: new Date(Math.max(since ?? wallMs(), state.notBeforeMs)).toISOString(),
      code,
      evidence: {
        ...{ status, consecutiveFailures, critical: record.critical, machine: machine.id, region: machine.region },
        ...{ observedValue, observedUnit, threshold, message },
      },
    })
  }

  const identity = ({ name: check, scope }: CheckRecord) => ({ check, scope, machineId: machine.id })
  const isLong = ({ wellSince }: Seen) =>
    wellSince !== undefined && monotonicMs() - wellSince.monotonicMs >= waits.quietMs

  return {
    look() {
      for (const record of records()) lookAt(record)
    },
    failing: () => [...seen].filter(([, { isFailing }]) => isFailing).map(([check]) => check),
    reopen(checks) {
      for (const check of checks) {
        const state = seen.get(check)
        if (state === undefined) continue
        state.isOpen = false
        state.notBeforeMs = wallMs()
      }
    },
    well: () =>
      [...seen].flatMap(([check, state]) =>
        isLong(state) && state.wellSince !== undefined ? { check, since: new Date(state.wellSince.wallMs) } : [],
      ),
  }
}

function fails({ status, since }: CheckRecord, degradedBeforeMs: number): boolean {
  if (status === 'unhealthy' || status === 'stale') return true
  return status === 'degraded' && since !== undefined && since <= degradedBeforeMs
}
