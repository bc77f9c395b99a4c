import type { Queryable } from '../db/queryable.ts'
import { insertDeployment } from './deployments.ts'
import type { RunningVersion } from './history-entry.ts'
import {
  countStart,
  insertMachineEvent,
  type Machine,
  type MachineEvent,
  selectPreviousRun,
  upsertMachine,
} from './machine-events.ts'
import { type RecordedRun, startReason } from './start-reason.ts'

/** A start with its reason, and the end of the run before it, if that one could not tell of it. */
export async function writeMachineStart(
  tx: Queryable,
  start: RunningVersion & { readonly machine: Machine; readonly at: Date },
): Promise<void> {
  const { machine, version, commit, imageRef, at } = start
  const isNewDeployment = await insertDeployment(tx, { version, commit, imageRef, at, source: 'start' })
  // Before this start makes itself the last that was seen of the machine.
  const previous = await selectPreviousRun(tx, machine.id, at)
  await upsertMachine(tx, machine)
  if (previous !== undefined && !previous.hasStop) {
    await insertMachineEvent(tx, machine.id, { at: lastSign(previous, at), kind: 'stop', reason: 'crash' })
  }
  const reason = startReason(previous, { version, commit, isNewDeployment })
  const isNew = await insertMachineEvent(tx, machine.id, { at, kind: 'start', reason, version, commit })
  if (isNew) await countStart(tx, machine.id, 'boot', reason)
}

/** When the run was last known to live: clocks that jumped must not put it behind the start that found it. */
function lastSign({ lastSignAt }: RecordedRun, startedAt: Date): Date {
  return new Date(Math.min(lastSignAt.getTime(), startedAt.getTime() - 1))
}

export async function writeMachineEvent(tx: Queryable, machine: Machine, event: MachineEvent): Promise<void> {
  await upsertMachine(tx, machine)
  const isNew = await insertMachineEvent(tx, machine.id, event)
  if (isNew && event.kind === 'resume') await countStart(tx, machine.id, 'resume', event.reason ?? 'unknown')
}
