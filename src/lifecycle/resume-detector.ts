/**
 * Was this process asleep? A machine that Fly suspended wakes with dead sockets and old results. The sign is a tick
 * that came more than `gapMs` late while the process used next to no CPU: a blocked event loop is late too, but busy.
 */
export interface ResumeDetector {
  /** Looks now instead of at the next tick: what was asked for while asleep is answered before any timer runs. */
  look(): void
  /** Milliseconds since the last resume; undefined if there was none. */
  sinceResumeMs(): number | undefined
  stop(): void
}

const tickMs = 500
const gapMs = 2_000
const busyShare = 0.1

export function createResumeDetector(options: {
  monotonicMs: () => number
  /** CPU time of this process so far. */
  cpuMs: () => number
  onResume: (gapMs: number) => void
}): ResumeDetector {
  const { monotonicMs, cpuMs, onResume } = options
  let lastTick = monotonicMs()
  let lastCpu = cpuMs()
  let resumedAt: number | undefined

  function look(): void {
    const now = monotonicMs()
    const gap = now - lastTick
    // Between ticks there is nothing to see, and CPU time is a question to the kernel.
    if (gap < tickMs / 2) return
    const cpu = cpuMs()
    const asleep = gap > gapMs && cpu - lastCpu < gap * busyShare
    lastTick = now
    lastCpu = cpu
    if (!asleep) return
    resumedAt = now
    onResume(gap)
  }

  const timer = setInterval(look, tickMs)
  timer.unref()

  return {
    look,
    sinceResumeMs() {
      look()
      return resumedAt === undefined ? undefined : monotonicMs() - resumedAt
    },
    stop: () => clearInterval(timer),
  }
}
