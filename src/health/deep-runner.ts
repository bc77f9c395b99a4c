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
  /** Called before the checks run, so that none begins on a connection that died in a suspend. */
  readonly lookForResume?: () => void
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
  /** No result so far is given again: it is of the time before a suspend, however young the monotonic clock calls it. */
  forget(): void
}

interface Result {
  readonly record: CheckRecord
  readonly endedMs: number
}

/** Somebody asks what is true now: one run decides. */
const thresholds = { failures: 1, successes: 1 }

export function createDeepRunner(options: DeepRunnerOptions): DeepRunner {
  const { checks, monotonicMs, lookForResume = () => undefined } = options
  let resumes = 0
  const lanes = new Map(checks.map((check) => [check.name, createDeepLane(check, options, () => resumes)]))
  const names = [...lanes.keys()]

  return {
    names,
    async run(wanted) {
      const unknown = wanted.filter((name) => !lanes.has(name))
      if (unknown.length > 0)
        throw new Error(`no check is named ${unknown.join(', ')}; choose from ${names.join(', ')}`)
      lookForResume()
      const askedMs = monotonicMs()
      const asked = [...lanes].filter(([name]) => wanted.includes(name))
      const results = await Promise.all(asked.map(([, ask]) => ask()))
      const oldestMs = Math.min(...results.map((result) => result.endedMs))
      return {
        records: results.map((result) => result.record),
        ageSeconds: Math.floor(Math.max(0, askedMs - oldestMs) / 1_000),
      }
    },
    forget() {
      resumes++
    },
  }
}

function createDeepLane(check: Check, options: DeepRunnerOptions, resumes: () => number): () => Promise<Result> {
  if (check.configured) return createRunningLane(check, options, resumes)
  const record = notConfigured(check)
  return async () => ({ record, endedMs: Number.POSITIVE_INFINITY })
}

function createRunningLane(
  check: ConfiguredCheck,
  { minAgeMs = 5_000, classify, monotonicMs, wallMs, setTimer = setUnrefTimer }: DeepRunnerOptions,
  resumes: () => number,
): () => Promise<Result> {
  const { timeoutMs } = check
  const ask = (signal: AbortSignal) => (check.runDeep === undefined ? check.run(signal) : check.runDeep(signal))
  let state: CheckState = unknownState
  let last: Result | undefined
  let lastIsOf = 0
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
    if (last !== undefined && lastIsOf === resumes() && monotonicMs() - last.endedMs < minAgeMs) return last
    lastIsOf = resumes()
    running = run()
    last = await running
    running = undefined
    return last
  }
}
