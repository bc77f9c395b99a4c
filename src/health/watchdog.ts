import type { Engine } from './engine.ts'
import { type SetTimer, setUnrefTimer } from './timer.ts'

interface WatchdogOptions {
  readonly engine: Pick<Engine, 'overdueChecks' | 'rearm'>
  readonly everyMs?: number
  readonly setTimer?: SetTimer
  /** Once per stall: not again for a check until its own timer has worked in between. */
  readonly onStalled: (checkNames: readonly string[]) => void
}

export interface Watchdog {
  start(): void
  stop(): void
}

/**
 * Watches the engine with a timer of its own. A check is stalled when it is overdue at two looks in a row: one look
 * alone may come before the check's own timer in the same turn of a loop that was blocked. A stalled check is run,
 * or timed out, by hand at every look until its own timer works again.
 */
export function createWatchdog({
  engine,
  everyMs = 1_000,
  setTimer = setUnrefTimer,
  onStalled,
}: WatchdogOptions): Watchdog {
  let overdue: ReadonlySet<string> = new Set()
  let cancelTimer = (): void => undefined

  function look(): void {
    cancelTimer = setTimer(look, everyMs)
    const names = engine.overdueChecks()
    const news = engine.rearm(names.filter((name) => overdue.has(name)))
    overdue = new Set(names)
    if (news.length > 0) onStalled(news)
  }

  return {
    start() {
      cancelTimer = setTimer(look, everyMs)
    },
    stop: () => cancelTimer(),
  }
}
