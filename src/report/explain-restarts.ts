import type { MachineEvent } from './evidence.ts'
import type { Happening } from './report.ts'

/** The prober's clock and that of a machine may differ by so much, and a start takes a while to be recorded. */
const toleranceMs = 10_000

/** Restarts that the probes alone could not explain, with the reason that the record of the machine has for them. */
export function explainRestarts(happenings: readonly Happening[], events: readonly MachineEvent[]): Happening[] {
  const starts = events.filter(({ kind, reason }) => kind === 'start' && reason !== undefined && reason !== 'unknown')
  return happenings.map((happening) => {
    const { kind, cause, machine, startedAt } = happening
    if (kind !== 'restart' || cause !== 'unknown' || startedAt === undefined) return happening
    const start = starts.find(
      (event) => event.machine === machine && Math.abs(Date.parse(event.at) - Date.parse(startedAt)) <= toleranceMs,
    )
    if (start?.reason === undefined) return happening
    return { ...happening, cause: start.reason, evidence: `${happening.evidence}; its record says ${start.reason}` }
  })
}
