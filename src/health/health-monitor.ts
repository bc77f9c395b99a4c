import type { Config } from '../config.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import { classifyFailure } from './checks/failure-code.ts'
import { createDeepRunner, type DeepRunner } from './deep-runner.ts'
import { createEngine, type Engine } from './engine.ts'
import { createIdleWatch, type IdleWatch } from './idle.ts'
import { createMachineSampler, type MachineSampler } from './machine-sampler.ts'
import { type CheckSources, createChecks } from './registry.ts'
import { createCpuSampler, createMemoryReader, readHeapMemory } from './resources.ts'
import { tracedCheck } from './traced-check.ts'
import { createWatchdog } from './watchdog.ts'

/** The checks at work: the engine that runs them, the watch over it, and what else moves by itself. */
export interface HealthMonitor {
  readonly engine: Engine
  readonly deepRunner: DeepRunner
  readonly machine: MachineSampler
  readonly idleWatch: IdleWatch
  isIdle(): boolean
  start(): void
  /** What is known is of the time before a suspend: every check runs at once. */
  resumed(): void
  stop(): Promise<void>
}

/** What the checks ask of the database. */
export type DatabaseSources = Pick<
  CheckSources,
  'sideConnection' | 'writeThroughPool' | 'poolStats' | 'poolPressure' | 'migrationStatus'
>

const lookoutMs = 1_000

export function createHealthMonitor(options: {
  config: Config
  database: DatabaseSources
  eventLoopLag: CheckSources['eventLoopLag']
  lastDelivery: CheckSources['lastDelivery']
  refusedRestart: CheckSources['refusedRestart']
  fetch: typeof fetch
  tracing: () => Tracing | undefined
  monotonicMs: () => number
  lookForResume: () => void
  onRun: (check: string, durationMs: number) => void
  onChange: () => void
  onStalled: (checks: readonly string[]) => void
  onIdle: (idle: boolean) => void
}): HealthMonitor {
  const { config, database, monotonicMs, lookForResume, onRun, onChange, onStalled, onIdle } = options
  const { retryMs, failures, successes, idleAfterMs } = config.health
  const readMemory = createMemoryReader()
  const machine = createMachineSampler(readMemory, createCpuSampler())
  const checks = createChecks({
    config,
    ...database,
    eventLoopLag: options.eventLoopLag,
    machineMemory: readMemory,
    heapMemory: readHeapMemory,
    cpuPercent: createCpuSampler(),
    wallMs: Date.now,
    monotonicMs,
    lastDelivery: options.lastDelivery,
    refusedRestart: options.refusedRestart,
    fetch: options.fetch,
  }).map((check) => tracedCheck(check, options.tracing, classifyFailure))
  const timing = { classify: classifyFailure, monotonicMs, wallMs: Date.now, lookForResume }
  const engine = createEngine({
    ...{ checks, retryMs, failures, successes, ...timing },
    random: Math.random,
    onRun: (record, durationMs) => onRun(record.name, durationMs),
    onChange,
  })
  const deepRunner = createDeepRunner({ checks, ...timing })
  const watchdog = createWatchdog({ engine, onStalled })

  let lookout: NodeJS.Timeout | undefined
  let idle = false
  const setIdle = (now: boolean) => {
    idle = now
    if (now) engine.idle()
    else engine.wake()
    onIdle(now)
  }
  const idleWatch = createIdleWatch({
    ...{ idleAfterMs, monotonicMs },
    onIdle: () => setIdle(true),
    onActive: () => setIdle(false),
  })

  return {
    engine,
    deepRunner,
    machine,
    idleWatch,
    isIdle: () => idle,
    start() {
      // A result that turns stale does so in silence: this look is what tells the log of it.
      lookout = setInterval(onChange, lookoutMs).unref()
      engine.start()
      watchdog.start()
    },
    resumed() {
      deepRunner.forget()
      engine.runAllNow()
    },
    async stop() {
      clearInterval(lookout)
      idleWatch.stop()
      watchdog.stop()
      machine.stop()
      await engine.stop()
    },
  }
}
