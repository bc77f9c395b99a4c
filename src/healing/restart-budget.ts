/** How often a machine may restart itself. Pure. */
import { restartWindowMs } from '../history/machine-restarts.ts'

/**
 * Fly leaves a machine stopped after ten restarts within five minutes; three an hour stay far away from that, and a
 * fault that they don't mend is for people. https://fly.io/docs/machines/guides-examples/machine-restart-policy/
 */
export const restartsMax = 3

export interface RestartBudget {
  readonly remaining: number
  /** When the next restart is there again; 0 while one is. */
  readonly againInMs: number
}

/** `agesMs`: how long ago each restart was, in any order. */
export function restartBudget(agesMs: readonly number[]): RestartBudget {
  const recent = agesMs.filter((ageMs) => ageMs < restartWindowMs).sort((a, b) => a - b)
  const lastThatCounts = recent[restartsMax - 1]
  if (lastThatCounts === undefined) return { remaining: restartsMax - recent.length, againInMs: 0 }
  return { remaining: 0, againInMs: restartWindowMs - lastThatCounts }
}

/** Two records of the same restarts, of which either may have missed some: the one that leaves less is believed. */
export function tighterBudget(one: RestartBudget, other: RestartBudget): RestartBudget {
  if (one.remaining !== other.remaining) return one.remaining < other.remaining ? one : other
  return one.againInMs > other.againInMs ? one : other
}
