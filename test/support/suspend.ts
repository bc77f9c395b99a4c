import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { vi } from 'vitest'
import type { RunningService } from './service.ts'

/**
 * Stops the process, does `meanwhile`, and lets it go on after `asleepMs` of sleep; gives the instant of its waking, by
 * `performance.now()`. Both clocks go on, as on a machine that was paused and not restored from a snapshot.
 */
export async function suspend(
  service: RunningService,
  asleepMs: number,
  meanwhile: () => unknown = () => undefined,
): Promise<number> {
  service.signal('SIGSTOP')
  await vi.waitUntil(async () => (await stateOf(service.pid)) === 'T')
  const asleep = delay(asleepMs)
  await meanwhile()
  await asleep
  const wokenMs = performance.now()
  service.signal('SIGCONT')
  return wokenMs
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the state comes after the name in brackets. */
async function stateOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 1).split(' ')[1]
}
