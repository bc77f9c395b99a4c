/** Follows machines through the observations, and says what each observation shows beside its own figures. */
import type { Observation } from '../observation/observation.ts'
import type { StartKind } from '../observation/start-kind.ts'
import type { MachineFigures } from './machine-figures.ts'
import { createMachineState, type MachineState } from './machine-state.ts'
import { proxyFault } from './proxy-codes.ts'
import type { Happening } from './report.ts'
import { inMs } from './wording.ts'

/** A deploy replaces machines, so a long record has many; what is beyond is not followed. */
const mostMachines = 200

export interface MachineTracker {
  add(observation: Observation, kind: StartKind): readonly Happening[]
  machines(): readonly MachineFigures[]
}

export function createMachineTracker(): MachineTracker {
  const machines = new Map<string, MachineState>()
  const versions = new Set<string>()
  let last: { readonly machine: string } | undefined
  let lastVersion: string | undefined

  function stateOf(id: string, at: string): MachineState | undefined {
    const known = machines.get(id)
    if (known !== undefined || machines.size >= mostMachines) return known
    const state = createMachineState(id, at)
    machines.set(id, state)
    return state
  }

  function moved({ at, machine }: Observation): Happening[] {
    const before = last
    if (machine !== undefined) last = { machine }
    if (machine === undefined || before === undefined || before.machine === machine) return []
    const evidence = `machine ${machine} answered, and ${before.machine} the time before`
    return [{ kind: 'machine_changed', at, machine, evidence }]
  }

  /** A version that no machine had told before; the machine itself may be new too. */
  function released({ at, machine, version }: Observation, happened: readonly Happening[]): Happening[] {
    if (version === undefined || versions.has(version)) return []
    const before = lastVersion
    lastVersion = version
    if (versions.size < mostMachines) versions.add(version)
    if (before === undefined || happened.some(({ kind }) => kind === 'deploy')) return []
    const evidence = `version ${version} answered for the first time, after ${before}`
    return [{ kind: 'deploy', at, ...(machine === undefined ? {} : { machine }), evidence }]
  }

  return {
    add(observation, kind) {
      const { at, machine, errorCode } = observation
      const happened: Happening[] = []
      if (kind === 'cold' || kind === 'resume') happened.push(started(observation, kind))
      const fault = proxyFault(errorCode)
      if (fault !== undefined) happened.push({ kind: 'proxy_retry', at, evidence: `Fly's proxy answered ${fault}` })
      if (machine !== undefined) happened.push(...(stateOf(machine, at)?.add(observation, kind) ?? []))
      happened.push(...released(observation, happened), ...moved(observation))
      return happened
    },
    machines: () => [...machines.values()].map(({ figures }) => figures()),
  }
}

function started(
  { at, machine, durationMs, uptimeMs = 0, resumeMs = 0 }: Observation,
  kind: 'cold' | 'resume',
): Happening {
  const place = machine === undefined ? {} : { machine }
  if (kind === 'cold') {
    const evidence = `its process was ${inMs(uptimeMs)} old after a wait of ${inMs(durationMs)}, so it started meanwhile`
    return { kind, at, ...place, evidence }
  }
  const evidence = `it had resumed ${inMs(resumeMs)} before the end of a wait of ${inMs(durationMs)}`
  return { kind, at, ...place, evidence }
}
