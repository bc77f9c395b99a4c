import type { Check, CheckRecord } from './check.ts'
import { type CheckLane, createLane } from './check-lane.ts'
import type { ClassifyFailure } from './check-run.ts'
import { notConfigured } from './check-state.ts'
import { type SetTimer, setUnrefTimer } from './timer.ts'

export interface EngineOptions {
  readonly checks: readonly Check[]
  /** The wait after a run that disagrees with the present status. */
  readonly retryMs: number
  /** Failed runs in a row that make a check `unhealthy`. */
  readonly failures: number
  /** Good runs in a row that clear a failure. */
  readonly successes: number
  readonly classify: ClassifyFailure
  /** Milliseconds that never jump; every age and every due time is counted in them. */
  readonly monotonicMs: () => number
  /** Epoch milliseconds, only for times that people read. */
  readonly wallMs: () => number
  readonly random: () => number
  readonly setTimer?: SetTimer
  /** Called before a due run and before an outcome counts: a resume noticed here, and told by `runAllNow`, voids both. */
  readonly lookForResume?: () => void
  /** After each run. */
  readonly onRun: (record: CheckRecord, durationMs: number) => void
  /** After anything that makes `records()` answer differently, but for the mere passing of time. */
  readonly onChange: () => void
}

/** Runs the checks in the background and knows what they last said; asking it costs no I/O. */
export interface Engine {
  /** Critical checks at once; the others when those have had their first run. */
  start(): void
  /** Aborts what runs and lets go of every connection; waits `timeoutMs` for both and no longer. */
  stop(timeoutMs?: number): Promise<void>
  /** In the order of the registry, with staleness as of now. */
  records(): readonly CheckRecord[]
  /** Grows with each change; `records()` answers the same until it grows or `nextStaleAtMs()` is reached. */
  version(): number
  /** Monotonic instant at which the next result turns stale; Infinity when none can. */
  nextStaleAtMs(): number
  readonly firstCriticalRuns: Promise<void>
  /** After a resume: statuses stay, staleness is counted anew, every check runs at once on a new connection. */
  runAllNow(): void
  /** Remote checks pause as `idle` and close their connections, so that a scale-to-zero database may sleep. */
  idle(): void
  /** Remote checks run at once, and the first run decides. */
  wake(): void
  /** For the watchdog: checks whose run or time-out is late. */
  overdueChecks(): readonly string[]
  /** Runs them, or times them out, by hand. Answers those whose own timer had worked until now. */
  rearm(names: readonly string[]): readonly string[]
}

export function createEngine(options: EngineOptions): Engine {
  const { checks, failures, successes, monotonicMs, onRun, onChange, setTimer = setUnrefTimer } = options
  const { lookForResume = () => undefined } = options
  const thresholds = { failures, successes }
  const firstCritical = Promise.withResolvers<void>()
  const awaited = new Set<string>()
  const lanes = new Map<string, CheckLane>()
  let version = 0

  for (const check of checks) {
    if (!check.configured) continue
    lanes.set(check.name, createLane({ ...options, check, thresholds, setTimer, lookForResume, onOutcome: recordRun }))
    if (check.critical) awaited.add(check.name)
  }

  function changed(): void {
    version += 1
    onChange()
  }

  function recordRun(record: CheckRecord, durationMs: number): void {
    if (awaited.delete(record.name) && awaited.size === 0) startOthers()
    onRun(record, durationMs)
    changed()
  }

  function startOthers(): void {
    firstCritical.resolve()
    for (const lane of lanes.values()) if (!lane.check.critical) lane.start()
  }

  function records(): readonly CheckRecord[] {
    const nowMs = monotonicMs()
    return checks.map((check) => lanes.get(check.name)?.record(nowMs) ?? notConfigured(check))
  }

  const remoteLanes = (): CheckLane[] => [...lanes.values()].filter((lane) => lane.check.remote)

  return {
    start() {
      for (const lane of lanes.values()) if (lane.check.critical) lane.start()
      if (awaited.size === 0) startOthers()
    },
    async stop(timeoutMs = 1_000) {
      const deadline = Promise.withResolvers<void>()
      // Holds the process, unlike the engine's own timers: the steps after this one still have to run.
      const timer = setTimeout(deadline.resolve, timeoutMs)
      await Promise.race([Promise.all([...lanes.values()].map((lane) => lane.stop())), deadline.promise])
      clearTimeout(timer)
    },
    records,
    version: () => version,
    nextStaleAtMs() {
      const nowMs = monotonicMs()
      const instants = [...lanes.values()].map((lane) => lane.staleAtMs())
      return Math.min(...instants.filter((instantMs) => instantMs > nowMs))
    },
    firstCriticalRuns: firstCritical.promise,
    runAllNow() {
      for (const lane of lanes.values()) lane.restart()
      changed()
    },
    idle() {
      for (const lane of remoteLanes()) lane.pause()
      changed()
    },
    wake() {
      for (const lane of remoteLanes()) lane.wake()
      changed()
    },
    overdueChecks() {
      const nowMs = monotonicMs()
      return [...lanes.values()].filter((lane) => lane.isOverdue(nowMs)).map((lane) => lane.check.name)
    },
    rearm: (names) => names.filter((name) => lanes.get(name)?.rearm()),
  }
}
