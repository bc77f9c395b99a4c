/**
 * Was this process asleep? A machine that Fly suspended wakes with dead sockets and old results. It shows by one of two
 * signs, because a hypervisor may let the monotonic clock go on over a suspend or stand still (docs/decisions/0020):
 * - a gap: a tick that came more than 2 s late while the process used next to no CPU. A blocked event loop is late
 *   too, but busy.
 * - a step: the wall clock went more than 2 s further than the monotonic one since the last look.
 * Both at one look are one resume. A step backwards is none: the `clock` check tells it. Neither is anything while the
 * process starts: what it loads may wait for a slow disk, and a machine that has just booted sets its clock.
 */
export interface ResumeDetector {
  /** Looks now instead of at the next tick: what was asked for while asleep is answered before any timer runs. */
  look(): void
  /** Milliseconds since the last resume was noticed; undefined if there was none. */
  sinceResumeMs(): number | undefined
  stop(): void
}

/** What was seen of a resume, in whole milliseconds: at least one of the two is more than 2,000. */
export interface ResumeSigns {
  /** Between two ticks, by the monotonic clock. */
  readonly gapMs: number
  /** How much further the wall clock went than the monotonic one. */
  readonly steppedMs: number
}

/** Short, so that what a process did just before it slept does not count for much. */
const tickMs = 200
const signMs = 2_000
/** Below the sixteenth of a core that Fly leaves a machine whose burst is spent, above what a sleeping process used. */
const busyShare = 0.05

export function createResumeDetector(options: {
  monotonicMs: () => number
  /** Epoch milliseconds. */
  wallMs: () => number
  /** CPU time of this process so far. */
  cpuMs: () => number
  isStarting: () => boolean
  onResume: (signs: ResumeSigns) => void
}): ResumeDetector {
  const { monotonicMs, wallMs, cpuMs, isStarting, onResume } = options
  let lastTick = monotonicMs()
  let lastOffset = wallMs() - lastTick
  let lastCpu = cpuMs()
  let resumedAt: number | undefined

  function look(): void {
    const now = monotonicMs()
    const offset = wallMs() - now
    const steppedMs = offset - lastOffset
    // From look to look, so that slow corrections never add up to a step.
    lastOffset = offset
    const stepped = steppedMs > signMs
    const gapMs = now - lastTick
    // Between ticks there is no gap to see, and CPU time is a question to the kernel.
    if (!stepped && gapMs < tickMs / 2) return
    const cpu = cpuMs()
    const asleep = gapMs > signMs && cpu - lastCpu < gapMs * busyShare
    lastTick = now
    lastCpu = cpu
    if (!(stepped || asleep) || isStarting()) return
    // Read again: a process that is stopped between two readings sees a step, and would see the same sleep as a gap.
    resumedAt = monotonicMs()
    lastTick = resumedAt
    lastOffset = wallMs() - resumedAt
    onResume({ gapMs: Math.round(gapMs), steppedMs: Math.round(steppedMs) })
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
