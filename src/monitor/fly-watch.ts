import type { MachineEvent } from '../report/evidence.ts'
import { machineEventsOf } from './fly-events.ts'
import type { MachinesApi } from './machines-api.ts'
import { pause } from './pause.ts'

export interface FlyWatch {
  /** Those to probe, as last listed. */
  machines(): readonly string[]
  /** Looks again until the signal aborts; how many events the API keeps is not documented. */
  follow(signal: AbortSignal): Promise<void>
  /** One last look, and all that was seen since `fromMs`, with the last start of each machine before it. */
  finish(fromMs: number, signal: AbortSignal): Promise<{ events: readonly MachineEvent[]; gaps: readonly string[] }>
}

const lookEveryMs = 60_000
/** Of all machines; the oldest go. */
const eventsMax = 5_000

/** Resolves with the problem when the app can't be read at all: then there is nothing to probe. */
export async function startFlyWatch(api: MachinesApi, signal: AbortSignal): Promise<FlyWatch | { problem: string }> {
  const seen = new Map<string, MachineEvent>()
  let ids: readonly string[] = []
  let lastProblem: string | undefined

  async function look(lookSignal: AbortSignal): Promise<string | undefined> {
    const answer = await api.machines(lookSignal)
    if ('problem' in answer) return answer.problem
    ids = answer.machines.map(({ id }) => id).sort()
    for (const event of answer.machines.flatMap(machineEventsOf)) {
      seen.set(`${event.machine} ${event.at} ${event.kind}`, event)
    }
    for (const key of seen.keys()) {
      if (seen.size <= eventsMax) break
      seen.delete(key)
    }
    return undefined
  }

  const problem = await look(signal)
  if (problem !== undefined) return { problem }
  if (ids.length === 0) return { problem: 'the app has no machine that serves requests; deploy it first' }

  return {
    machines: () => ids,
    async follow(runSignal) {
      while (!runSignal.aborted) {
        await pause(lookEveryMs, runSignal)
        if (!runSignal.aborted) await look(runSignal)
      }
    },
    async finish(fromMs, lookSignal) {
      lastProblem = await look(lookSignal)
      const all = [...seen.values()].sort((one, other) => Date.parse(one.at) - Date.parse(other.at))
      const isBefore = ({ at }: MachineEvent) => Date.parse(at) < fromMs
      const lastStarts = new Map(
        all.filter((event) => isBefore(event) && event.kind === 'start').map((event) => [event.machine, event]),
      )
      return {
        events: [...lastStarts.values(), ...all.filter((event) => !isBefore(event))],
        gaps: lastProblem === undefined ? [] : [`The last events of the machines are missing: ${lastProblem}.`],
      }
    },
  }
}
