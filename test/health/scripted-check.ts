import type { CheckReading, ConfiguredCheck } from '../../src/health/check.ts'
import { CheckFailure } from '../../src/health/check.ts'
import type { ClassifyFailure } from '../../src/health/check-run.ts'

/** What the next runs do. `stuck` ignores its signal until `letGo()`; `hang` ends when aborted, as a check should. */
export type Script = 'healthy' | 'degraded' | 'fail' | 'throw' | 'hang' | 'stuck'

export interface ScriptedCheck extends ConfiguredCheck {
  script: Script
  readonly startedAtMs: number[]
  readonly released: () => number
  readonly inFlight: () => number
  letGo(): void
}

/** A check that does as it is told and writes down what was done to it. */
export function createScriptedCheck(name: string, overrides: Partial<ConfiguredCheck> = {}): ScriptedCheck {
  const startedAtMs: number[] = []
  let inFlight = 0
  let released = 0
  let letGo = (): void => undefined

  async function wait(signal: AbortSignal): Promise<CheckReading> {
    inFlight += 1
    try {
      return await new Promise((resolve, reject) => {
        letGo = () => resolve({})
        if (check.script === 'hang') signal.addEventListener('abort', () => reject(signal.reason))
      })
    } finally {
      inFlight -= 1
    }
  }

  const check: ScriptedCheck = {
    name,
    scope: 'shared',
    critical: true,
    configured: true,
    remote: true,
    intervalMs: 5_000,
    timeoutMs: 2_000,
    script: 'healthy',
    startedAtMs,
    released: () => released,
    inFlight: () => inFlight,
    letGo: () => letGo(),
    run(signal) {
      startedAtMs.push(performance.now())
      switch (check.script) {
        case 'healthy':
          return Promise.resolve({ observedValue: 1, observedUnit: 'ms' })
        case 'degraded':
          return Promise.resolve({ degraded: { code: 'read_only', message: 'the database takes no writes' } })
        case 'fail':
          return Promise.reject(new CheckFailure('connection_refused', 'connect ECONNREFUSED'))
        case 'throw':
          throw new Error('thrown before the first await')
        case 'hang':
        case 'stuck':
          return wait(signal)
      }
    },
    release() {
      released += 1
    },
    ...overrides,
  }
  return check
}

export const classify: ClassifyFailure = (error) =>
  error instanceof CheckFailure
    ? { code: error.code, message: error.message, measurement: error.measurement }
    : { code: 'check_failed', message: error instanceof Error ? error.message : String(error) }

/** Immediates stay real: a time-out waits for one, and a faked one would come a faked millisecond late. */
export const fakedTimers = ['setTimeout', 'clearTimeout', 'Date', 'performance'] as const
