import { setTimeout as delay } from 'node:timers/promises'
import type { LoneTransaction } from '../db/lone-transaction.ts'
import type { Queryable } from '../db/queryable.ts'
import { sqlStateOf } from '../db/sql-state.ts'
import type { Machine } from '../history/machine-events.ts'
import {
  insertRestart,
  lockRestarts,
  restartWindowMs,
  selectRestartElsewhere,
  selectRestarts,
} from '../history/machine-restarts.ts'
import type { RestartCode } from '../telemetry/metric-definitions.ts'
import { type RestartBudget, restartBudget, restartsMax, tighterBudget } from './restart-budget.ts'
import type { RestartLedger } from './restart-ledger.ts'

/**
 * budget_spent: this machine had its restarts of the hour. other_machine: another one is at it. no_record: what can't
 * be written down can't be counted, and would be done again and again.
 */
export type RefusalCause = 'budget_spent' | 'other_machine' | 'no_record'

export interface Grant {
  readonly granted: true
  /** What is left of the hour's budget after this one. */
  readonly remaining: number
  readonly recordedIn: 'database' | 'file'
}

export interface Refusal {
  readonly granted: false
  readonly cause: RefusalCause
  readonly message: string
  /** When to ask again. */
  readonly againInMs: number
}

/** May this machine restart itself? */
export interface RestartPermit {
  /** A permission is recorded before it is given: one that is not used counts all the same. */
  ask(code: RestartCode): Promise<Grant | Refusal>
}

/** Machines that found the same fault at the same time ask one after the other. */
const jitterMaxMs = 1_000
/** How long a machine that restarts itself keeps the others from it, if it does not become ready before. */
export const turnMs = 120_000
const askElsewhereAgainMs = 15_000
const askWithoutRecordAgainMs = 60_000
/** `lock_not_available`: another machine asks, and has not been answered yet. */
const lockTimedOut = '55P03'

export function createRestartPermit(options: {
  machine: Machine
  transaction: LoneTransaction
  ledger: RestartLedger
  random: () => number
  /** One of the two records could not be read or written. */
  onRecordFailed: (record: 'database' | 'file', error: unknown) => void
}): RestartPermit {
  const { machine, transaction, ledger, random, onRecordFailed } = options

  async function ask(code: RestartCode): Promise<Grant | Refusal> {
    await delay(jitterMaxMs * random())
    const file = await ledger.read().then(budgetOf, unknownFile)
    const answer = await transaction((tx) => decide(tx, code, file)).catch(refuseOnLock)
    // Without the database a stuck pool is no fault of this machine's.
    if (answer === undefined && code === 'pool_stuck') return noRecord('the database could not be asked')
    const decision = answer ?? decideAlone(file)
    if (!decision.granted) return decision
    try {
      await ledger.append(code)
    } catch (error) {
      onRecordFailed('file', error)
      if (decision.recordedIn === 'file') return noRecord('neither the database nor the file can be written')
    }
    return decision
  }

  /** Under the lock, so that of two machines that ask at once the second finds the first one's record. */
  async function decide(tx: Queryable, code: RestartCode, file: RestartBudget | undefined): Promise<Grant | Refusal> {
    await lockRestarts(tx)
    const counted = budgetOf(await selectRestarts(tx, machine.id, restartWindowMs))
    const budget = file === undefined ? counted : tighterBudget(counted, file)
    if (budget.remaining === 0) return budgetSpent(budget)
    const elsewhere = await selectRestartElsewhere(tx, machine.id, turnMs)
    if (elsewhere !== undefined) return otherMachine(Math.min(turnMs - elsewhere.ageMs, askElsewhereAgainMs))
    await insertRestart(tx, machine, code)
    return { granted: true, remaining: budget.remaining - 1, recordedIn: 'database' }
  }

  function unknownFile(error: unknown): undefined {
    onRecordFailed('file', error)
  }

  function refuseOnLock(error: unknown): Refusal | undefined {
    if (sqlStateOf(error) === lockTimedOut) return otherMachine(askElsewhereAgainMs)
    onRecordFailed('database', error)
    return undefined
  }

  return { ask }
}

/** The database is away: no other machine can be asked for, and a local fault is still a local one. */
function decideAlone(file: RestartBudget | undefined): Grant | Refusal {
  if (file === undefined) return noRecord('neither the database nor the file can be read')
  if (file.remaining === 0) return budgetSpent(file)
  return { granted: true, remaining: file.remaining - 1, recordedIn: 'file' }
}

const budgetOf = (restarts: readonly { ageMs: number }[]) => restartBudget(restarts.map(({ ageMs }) => ageMs))

function budgetSpent({ againInMs }: RestartBudget): Refusal {
  const message = `this machine has restarted itself ${restartsMax} times within the hour, and the fault is still there`
  return { granted: false, cause: 'budget_spent', message, againInMs }
}

function otherMachine(againInMs: number): Refusal {
  const message = 'another machine restarts itself, and one at a time is enough'
  return { granted: false, cause: 'other_machine', message, againInMs }
}

function noRecord(reason: string): Refusal {
  const message = `${reason}, so nobody could count this restart`
  return { granted: false, cause: 'no_record', message, againInMs: askWithoutRecordAgainMs }
}
