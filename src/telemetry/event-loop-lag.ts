import { type Histogram, monitorEventLoopDelay } from 'node:perf_hooks'

/** How late timers ran, in milliseconds, over one window. */
export interface LagWindow {
  readonly minMs: number
  readonly maxMs: number
  readonly meanMs: number
  readonly stddevMs: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
}

export interface EventLoopLag {
  /** The last complete window: every reader sees the same one, however many there are. Undefined before the first ends. */
  last(): LagWindow | undefined
  /** The window that is still open, so that a block is seen at once. Undefined before its first sample. */
  running(): LagWindow | undefined
  /** Forgets both windows: after a resume the time asleep would count as lag. */
  restart(): void
  stop(): void
}

const nsPerMs = 1e6

/**
 * One monitor for the process, read by everyone and reset only by its own timer: a reset by each scrape, as in the
 * library's own metric, gives every scraper a part of the truth.
 * `resolutionMs`: one wake-up of the loop each; a block shorter than this may go unseen.
 */
export function createEventLoopLag({ windowMs = 10_000, resolutionMs = 20 } = {}): EventLoopLag {
  const monitor = monitorEventLoopDelay({ resolution: resolutionMs })
  let last: LagWindow | undefined
  monitor.enable()
  const rotation = setInterval(() => {
    last = windowOf(monitor, resolutionMs)
    monitor.reset()
  }, windowMs).unref()

  return {
    last: () => last,
    running: () => windowOf(monitor, resolutionMs),
    restart() {
      last = undefined
      monitor.reset()
      rotation.refresh()
    },
    stop() {
      clearInterval(rotation)
      monitor.disable()
    },
  }
}

/** The monitor records the time from tick to tick, which is the resolution plus the lag; only the lag is told. */
function windowOf(monitor: Histogram, resolutionMs: number): LagWindow | undefined {
  if (monitor.count === 0) return undefined
  const lagMs = (nanoseconds: number) => Math.max(0, nanoseconds / nsPerMs - resolutionMs)
  return {
    minMs: lagMs(monitor.min),
    maxMs: lagMs(monitor.max),
    meanMs: lagMs(monitor.mean),
    stddevMs: monitor.stddev / nsPerMs,
    p50Ms: lagMs(monitor.percentile(50)),
    p90Ms: lagMs(monitor.percentile(90)),
    p99Ms: lagMs(monitor.percentile(99)),
  }
}
