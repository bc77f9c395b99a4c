import type { CheckRecord, ConfiguredCheck } from './check.ts'
import { type CheckRun, type ClassifyFailure, type RunOutcome, startRun, timedOut } from './check-run.ts'
import type { Thresholds } from './check-state.ts'
import { createLastResult } from './last-result.ts'
import type { SetTimer } from './timer.ts'

interface LaneOptions {
  readonly check: ConfiguredCheck
  readonly thresholds: Thresholds
  readonly retryMs: number
  readonly classify: ClassifyFailure
  readonly monotonicMs: () => number
  readonly wallMs: () => number
  readonly random: () => number
  readonly setTimer: SetTimer
  /** May call `restart`. */
  readonly lookForResume: () => void
  readonly onOutcome: (record: CheckRecord, durationMs: number) => void
}

/** One check in the background: its timer and its single flight. */
export interface CheckLane {
  readonly check: ConfiguredCheck
  record(nowMs: number): CheckRecord
  /** Monotonic instant from which the result counts as stale; Infinity while it can't age. */
  staleAtMs(): number
  start(): void
  /** After a resume: the sockets are dead, so the run under way and the kept connection go, and a run starts at once. */
  restart(): void
  pause(): void
  wake(): void
  stop(): Promise<void>
  isOverdue(nowMs: number): boolean
  /** Does what is overdue, whatever became of the timer. True when that timer had worked until now. */
  rearm(): boolean
}

/** Jitter only shortens: a longer interval would break the promised time to tell. */
const jitterShare = 0.1

/**
 *   waiting ── due ──► running ── outcome ──► waiting
 *                         └── time-out, and the check's promise is still open ──► hanging
 *   hanging ── due ──► another time-out is counted and nothing is started
 *   hanging ── the promise ends ──► waiting
 *   any ── pause ──► paused ── wake ──► running
 */
export function createLane(options: LaneOptions): CheckLane {
  const { check, retryMs, classify, monotonicMs, random, setTimer, lookForResume, onOutcome } = options
  const last = createLastResult(options)
  /** When something has to happen next: a run, or the time-out of the one under way. */
  let dueMs = Number.POSITIVE_INFINITY
  let cancelTimer = (): void => undefined
  let timerWorks = true
  let inFlight: CheckRun | undefined
  /** The run whose outcome still counts. */
  let judged: CheckRun | undefined
  let runWhenSettled = false
  let paused = false

  function run(): void {
    cancelTimer()
    const startedMs = monotonicMs()
    if (inFlight !== undefined) {
      finish({ ...timedOut(check.timeoutMs), durationMs: check.timeoutMs }, startedMs)
      return
    }
    runWhenSettled = false
    const ask = (signal: AbortSignal) => check.run(signal)
    const started = startRun({ ask, timeoutMs: check.timeoutMs, classify, monotonicMs, setTimer })
    inFlight = started
    judged = started
    dueMs = startedMs + check.timeoutMs
    void started.settled.then(() => {
      inFlight = undefined
      if (runWhenSettled) run()
    })
    void started.outcome.then((outcome) => {
      lookForResume()
      if (judged === started) finish(outcome, startedMs)
    })
  }

  function finish(outcome: RunOutcome, startedMs: number): void {
    judged = undefined
    const soon = last.accept(outcome)
    const nowMs = monotonicMs()
    const intervalEndsMs = startedMs + check.intervalMs * (1 - jitterShare * random())
    schedule(soon ? nowMs + retryMs : Math.max(nowMs, intervalEndsMs))
    onOutcome(last.record(nowMs), outcome.durationMs)
  }

  function schedule(atMs: number): void {
    cancelTimer()
    dueMs = atMs
    cancelTimer = setTimer(
      () => {
        timerWorks = true
        lookForResume()
        if (dueMs === atMs) run()
      },
      Math.max(0, atMs - monotonicMs()),
    )
  }

  function runAtOnce(): void {
    last.renew()
    if (inFlight === undefined) {
      run()
      return
    }
    runWhenSettled = true
    schedule(monotonicMs() + retryMs)
  }

  /** Nothing that runs or is due counts from here on. */
  function drop(): Promise<void> {
    cancelTimer()
    dueMs = Number.POSITIVE_INFINITY
    judged = undefined
    runWhenSettled = false
    inFlight?.abort()
    return release(check)
  }

  return {
    check,
    record: last.record,
    staleAtMs: last.staleAtMs,
    start: runAtOnce,
    restart() {
      if (paused) return
      void drop()
      runAtOnce()
    },
    pause() {
      if (paused) return
      paused = true
      void drop()
      last.rest()
    },
    wake() {
      if (!paused) return
      paused = false
      runAtOnce()
    },
    async stop() {
      const ended = inFlight?.settled
      await Promise.all([drop(), ended])
    },
    isOverdue: (nowMs) => nowMs > dueMs,
    rearm() {
      const isNews = timerWorks
      timerWorks = false
      if (judged === undefined) run()
      else judged.expire()
      return isNews
    },
  }
}

async function release(check: ConfiguredCheck): Promise<void> {
  try {
    await check.release?.()
  } catch {
    // The connection is given up either way, and the next run opens its own.
  }
}
