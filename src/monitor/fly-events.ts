import type { MachineEvent } from '../report/evidence.ts'
import type { FlyMachine } from './machines-api.ts'

/**
 * What Fly's platform did to a machine, oldest first. An event of the Machines API has `type`, `status`, `source` (user
 * or flyd) and `timestamp` in milliseconds; that of an exit says how the process ended.
 * https://fly.io/docs/machines/api/machines-resource/
 */
export function machineEventsOf({ id, region, events }: FlyMachine): MachineEvent[] {
  const told: MachineEvent[] = []
  let before: Before = {}
  for (const event of events.flatMap(readEvent).sort((one, other) => one.atMs - other.atMs)) {
    const found = translate(event, before)
    before = remember(event, before)
    if (found === undefined) continue
    told.push({
      machine: id,
      ...(region !== undefined && { region }),
      at: new Date(event.atMs).toISOString(),
      ...found,
      source: 'fly',
    })
  }
  return told
}

interface FlyEvent {
  readonly type: string
  readonly status: string
  readonly atMs: number
  readonly exit: Readonly<Record<string, unknown>> | undefined
}

/** What the next start follows from. */
interface Before {
  readonly suspended?: boolean
  readonly deployed?: boolean
  readonly crashed?: boolean
  readonly stopped?: boolean
}

function readEvent(value: unknown): FlyEvent[] {
  const { type, status, timestamp, request } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (typeof type !== 'string' || typeof timestamp !== 'number' || Number.isNaN(new Date(timestamp).getTime()))
    return []
  const told = (request ?? {}) as { exit_event?: unknown; MonitorEvent?: { exit_event?: unknown } | null }
  const exit = told.exit_event ?? told.MonitorEvent?.exit_event
  return [
    {
      type,
      status: typeof status === 'string' ? status : '',
      atMs: timestamp,
      exit: typeof exit === 'object' && exit !== null ? (exit as Record<string, unknown>) : undefined,
    },
  ]
}

type Told = Omit<MachineEvent, 'machine' | 'region' | 'at' | 'source'>

function translate({ type, status, exit }: FlyEvent, before: Before): Told | undefined {
  switch (type) {
    case 'start':
      // It is told when it begins and when it is done.
      if (status !== 'started') return undefined
      return before.suspended === true ? resumed : { ...started, reason: reasonOf(before) }
    case 'resume':
      return resumed
    case 'suspend':
      return status === 'suspended' ? { kind: 'stop' } : undefined
    case 'stop':
      return { kind: 'stop' }
    case 'restart':
      return { kind: 'restart' }
    case 'exit':
      return { kind: 'exit', ...exitFacts(exit) }
    default:
      return undefined
  }
}

const started = { kind: 'start' } as const
const resumed = { kind: 'resume', reason: 'wake' } as const

function reasonOf({ deployed, crashed, stopped }: Before): NonNullable<MachineEvent['reason']> {
  if (deployed === true) return 'deploy'
  if (crashed === true) return 'crash'
  return stopped === true ? 'wake' : 'unknown'
}

function remember({ type, status, exit }: FlyEvent, before: Before): Before {
  if (type === 'launch' || type === 'update') return { ...before, deployed: true }
  if (type === 'suspend') return { suspended: true }
  if (type === 'exit') {
    const asked = exit?.requested_stop === true
    return { ...before, crashed: exit !== undefined && !asked, stopped: asked }
  }
  return type === 'start' && status === 'started' ? {} : before
}

function exitFacts(exit: Readonly<Record<string, unknown>> | undefined) {
  // The guest's own code is the process'; the other one is what Fly's init made of it.
  const code = exit?.guest_exit_code ?? exit?.exit_code
  return {
    ...(typeof code === 'number' && { exitCode: code }),
    ...(typeof exit?.oom_killed === 'boolean' && { oomKilled: exit.oom_killed }),
    ...(typeof exit?.requested_stop === 'boolean' && { requestedStop: exit.requested_stop }),
  }
}
