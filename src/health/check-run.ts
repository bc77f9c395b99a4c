import type { CheckReading, Measurement, ReasonCode } from './check.ts'
import type { SetTimer } from './timer.ts'

/** What an error of a check means to the outside. */
export type ClassifyFailure = (error: unknown) => {
  readonly code: ReasonCode
  readonly message: string
  readonly measurement?: Measurement
}

/** What one run says by itself, before any threshold: it answered well, answered with a fault, or failed. */
export type Verdict = 'healthy' | 'degraded' | 'unhealthy'

export interface RunOutcome extends Measurement {
  readonly verdict: Verdict
  readonly code?: ReasonCode
  readonly message?: string
  readonly durationMs: number
}

/** One run under way. The outcome is always there by the time-out; the work itself may go on behind it. */
export interface CheckRun {
  readonly outcome: Promise<RunOutcome>
  /** Resolves, never rejects, when the check's own promise has ended: from here on another run may start. */
  readonly settled: Promise<void>
  /** Ends the run as timed out, whatever became of the timer. */
  expire(): void
  /** Asks the check to end; its outcome no longer matters. */
  abort(): void
}

interface RunOptions {
  readonly ask: (signal: AbortSignal) => CheckReading | Promise<CheckReading>
  readonly timeoutMs: number
  readonly classify: ClassifyFailure
  readonly monotonicMs: () => number
  readonly setTimer: SetTimer
}

export function startRun({ ask, timeoutMs, classify, monotonicMs, setTimer }: RunOptions): CheckRun {
  const startedMs = monotonicMs()
  const controller = new AbortController()
  const { promise: outcome, resolve } = Promise.withResolvers<RunOutcome>()

  // A loop that was blocked fires its timers before it reads its sockets. The immediate comes after the reading, so
  // that an answer which lies there already counts and our own pause isn't called the other side's time-out.
  let cancelTimer = setTimer(() => {
    const afterReading = setImmediate(expire)
    cancelTimer = () => clearImmediate(afterReading)
  }, timeoutMs)

  function conclude(found: Omit<RunOutcome, 'durationMs'>): void {
    cancelTimer()
    resolve({ ...found, durationMs: monotonicMs() - startedMs })
  }

  function expire(): void {
    conclude(timedOut(timeoutMs))
    controller.abort(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError'))
  }

  function abort(): void {
    cancelTimer()
    controller.abort()
  }

  // Async, so that a check which throws before its first await fails like any other.
  async function answer(): Promise<Omit<RunOutcome, 'durationMs'>> {
    const { degraded, ...measurement } = await ask(controller.signal)
    return degraded === undefined
      ? { ...measurement, verdict: 'healthy' }
      : { ...measurement, verdict: 'degraded', code: degraded.code, message: degraded.message }
  }

  const settled = answer().then(conclude, (error) => {
    const { code, message, measurement } = classify(error)
    conclude({ ...measurement, verdict: 'unhealthy', code, message })
  })
  return { outcome, settled, expire, abort }
}

export function timedOut(timeoutMs: number): Omit<RunOutcome, 'durationMs'> {
  return { verdict: 'unhealthy', code: 'timeout', message: `no answer within ${timeoutMs} ms` }
}
