/**
 * Was this process asleep? A machine that Fly suspended wakes with dead sockets and old results. The sign is a tick
 * that came more than `gapMs` late while the process used next to no CPU: a blocked event loop is late too, but busy.
 */
export interface ResumeDetector {
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

  const timer = setInterval(() => {
    const now = monotonicMs()
    const cpu = cpuMs()
    const gap = now - lastTick
    const asleep = gap > gapMs && cpu - lastCpu < gap * busyShare
    lastTick = now
    lastCpu = cpu
    if (!asleep) return
    resumedAt = now
    onResume(gap)
  }, tickMs)
  timer.unref()

  return {
    sinceResumeMs: () => (resumedAt === undefined ? undefined : monotonicMs() - resumedAt),
    stop: () => clearInterval(timer),
  }
}
