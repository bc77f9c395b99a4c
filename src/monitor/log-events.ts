import type { MachineEvent } from '../report/evidence.ts'
import type { LogLine } from './log-line.ts'

const kinds: Readonly<Record<string, MachineEvent['kind']>> = {
  service_starting: 'start',
  service_ready: 'ready',
  process_resumed: 'resume',
  service_draining: 'drain',
  service_stopped: 'stop',
  self_restart: 'restart',
}

/** The service's own timeline, of the lines that it writes about its life. */
export function machineEventOf({ atMs, machine, region, fields }: LogLine): MachineEvent | undefined {
  const kind = typeof fields?.event === 'string' ? kinds[fields.event] : undefined
  if (fields === undefined || kind === undefined || atMs === undefined || machine === undefined) return undefined
  const phases = kind === 'ready' ? phasesOf(fields.phases) : undefined
  return {
    machine,
    ...(region !== undefined && { region }),
    at: new Date(atMs).toISOString(),
    kind,
    // Nothing but a request wakes a suspended machine.
    ...(kind === 'resume' && { reason: 'wake' as const }),
    ...(kind === 'restart' && typeof fields.code === 'string' && { code: fields.code }),
    ...(typeof fields.version === 'string' && { version: fields.version }),
    ...(phases !== undefined && { phases }),
    source: 'service',
  }
}

function phasesOf(value: unknown): Readonly<Record<string, number>> | undefined {
  if (!Array.isArray(value)) return undefined
  const pairs = value.flatMap((each: unknown): [string, number][] => {
    const { phase, wallMs } = (each ?? {}) as { phase?: unknown; wallMs?: unknown }
    return typeof phase === 'string' && typeof wallMs === 'number' ? [[phase, wallMs]] : []
  })
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs)
}
