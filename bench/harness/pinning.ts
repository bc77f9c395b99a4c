/**
 * The server under test has core 0 to itself; load generators, Postgres and this process share core 1. Without that
 * the scheduler's choices move a ratio by more than the marks allow.
 */
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

export const serverCore = 0
export const loadCore = 1
const attempts = 5

/** Pins this process with all its threads; what it starts later inherits the core. */
export function pinSelfToLoadCore(): void {
  if (process.platform !== 'linux' || availableParallelism() < 2) {
    throw new Error('the benchmarks need Linux and two cores: they read /proc and pin with taskset')
  }
  const pin = () => spawnSync('taskset', ['-a', '-p', '-c', String(loadCore), String(process.pid)])
  let result = pin()
  // A thread may end between being listed and being pinned.
  for (let again = 0; result.status === 1 && again < attempts; again += 1) result = pin()
  if (result.status !== 0) throw new Error('taskset failed; install util-linux', { cause: result.error })
}
