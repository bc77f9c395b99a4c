import type { Database } from '../db/queryable.ts'
import type { Observation } from '../observation/observation.ts'
import { insertDeployment } from './deployments.ts'
import type { HistoryEntry } from './history-entry.ts'
import { writeIncident } from './incidents.ts'
import { insertRestart } from './machine-restarts.ts'
import { writeMachineEvent, writeMachineStart } from './machine-writes.ts'
import { insertObservations } from './observations.ts'
import { insertSloMinute } from './slo-minutes.ts'

/** Writes an entry in one transaction. Written twice, after an answer that was lost, it is stored and counted once. */
export async function writeEntry(
  database: Pick<Database, 'transaction'>,
  entry: HistoryEntry,
  signal: AbortSignal,
  onStored: (observations: readonly Observation[]) => void,
): Promise<void> {
  switch (entry.kind) {
    case 'start':
      return await database.transaction((tx) => writeMachineStart(tx, { ...entry, at: new Date(entry.at) }), signal)
    case 'machine_event': {
      const event = { ...entry.event, at: new Date(entry.event.at) }
      return await database.transaction((tx) => writeMachineEvent(tx, entry.machine, event), signal)
    }
    case 'restart': {
      const { machine, code, at } = entry
      return await database.transaction((tx) => insertRestart(tx, machine, code, new Date(at)), signal)
    }
    case 'deployment':
      return await database.transaction(async (tx) => {
        await insertDeployment(tx, { ...entry, at: new Date(entry.at) })
      }, signal)
    case 'observations': {
      const { stored } = await insertObservations(database, entry.observations, signal)
      return onStored(stored)
    }
    case 'incident':
      return await writeIncident(database, entry.report, signal)
    case 'slo':
      return await database.transaction((tx) => insertSloMinute(tx, { ...entry, at: new Date(entry.at) }), signal)
    default:
      throw new TypeError(`history: an entry of the kind ${(entry as { kind: string }).kind} is of another version`)
  }
}
