import type { Check, CheckRecord, ConfiguredCheck } from './check.ts'
import { type CheckRun, type ClassifyFailure, startRun, timedOut } from './check-run.ts'
import { advance, type CheckState, notConfigured, recordOf, unknownState } from './check-state.ts'
import { type SetTimer, setUnrefTimer } from './timer.ts'

interface DeepRunnerOptions {
  readonly checks: readonly Check[]
  /** A result younger than this is given again instead of bothering the dependency. */
  readonly minAgeMs?: number
  readonly classify: ClassifyFailure
  readonly monotonicMs: () => number
  readonly wallMs: () => number
  readonly setTimer?: SetTimer
}

export interface DeepRun {
  readonly records: readonly CheckRecord[]
  /** Age of the oldest result when it was asked for, in whole seconds (the `Age` header); 0 when all ran for this. */
  readonly ageSeconds: number
}

/** Runs checks when somebody asks, with writes. Knows nothing of the engine and feeds it nothing. */
export interface DeepRunner {
  readonly names: readonly string[]
  /** In the order of the registry. Throws for a name that is not in `names`. */
  run(names: readonly string[]): Promise<DeepRun>
}

interface Result {
  readonly record: CheckRecord
  readonly endedMs: number
}

/** Somebody asks what is true now: one run decides. */
const thresholds = { failures: 1, successes: 1 }

export function createDeepRunner(options: DeepRunnerOptions): DeepRunner {
  const { checks, monotonicMs } = options
  const lanes = new Map(checks.map((check) => [check.name, createDeepLane(check, options)]))
  const names = [...lanes.keys()]

  return {
    names,
    async run(wanted) {
      const unknown = wanted.filter((name) => !lanes.has(name))
      if (unknown.length > 0)
        throw new Error(`no check is named ${unknown.join(', ')}; choose from ${names.join(', ')}`)
      const askedMs = monotonicMs()
      const asked = [...lanes].filter(([name]) => wanted.includes(name))
      const results = await Promise.all(asked.map(([, ask]) => ask()))
      const oldestMs = Math.min(...results.map((result) => result.endedMs))
      return {
        records: results.map((result) => result.record),
        ageSeconds: Math.floor(Math.max(0, askedMs - oldestMs) / 1_000),
      }
    },
  }
}

function createDeepLane(check: Check, options: DeepRunnerOptions): () => Promise<Result> {
  if (check.configured) return createRunningLane(check, options)
  const record = notConfigured(check)
  return async () => ({ record, endedMs: Number.POSITIVE_INFINITY })
}

function createRunningLane(
  check: ConfiguredCheck,
  { minAgeMs = 5_000, classify, monotonicMs, wallMs, setTimer = setUnrefTimer }: DeepRunnerOptions,
): () => Promise<Result> {
  const { timeoutMs } = check
  const ask = (signal: AbortSignal) => (check.runDeep === undefined ? check.run(signal) : check.runDeep(signal))
  let state: CheckState = unknownState
  let last: Result | undefined
  let running: Promise<Result> | undefined
  /** A run whose promise is still open, timed out or not: no other may start beside it. */
  let inFlight: CheckRun | undefined

  async function run(): Promise<Result> {
    const outcome = inFlight === undefined ? await start() : { ...timedOut(timeoutMs), durationMs: timeoutMs }
    state = advance(state, outcome, wallMs(), thresholds)
    return { record: recordOf(check, state), endedMs: monotonicMs() }
  }

  function start(): CheckRun['outcome'] {
    const started = startRun({ ask, timeoutMs, classify, monotonicMs, setTimer })
    inFlight = started
    void started.settled.then(() => {
      inFlight = undefined
    })
    return started.outcome
  }

  return async () => {
    if (running !== undefined) return running
    if (last !== undefined && monotonicMs() - last.endedMs < minAgeMs) return last
    running = run()
    last = await running
    running = undefined
    return last
  }
}
