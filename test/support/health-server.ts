import { readEnv, toConfig } from '../../src/config.ts'
import type { Check } from '../../src/health/check.ts'
import { classifyFailure } from '../../src/health/checks/failure-code.ts'
import { createCurrentHealth } from '../../src/health/current-health.ts'
import { createEngine, type Engine } from '../../src/health/engine.ts'
import { readiness } from '../../src/health/report.ts'
import { createHealthRoutes } from '../../src/health/routes.ts'
import { setUnrefTimer } from '../../src/health/timer.ts'
import { createFrontDoor } from '../../src/http/front-door.ts'
import type { HealthAnswer } from './service.ts'

export interface HealthServer {
  readonly engine: Engine
  health(path?: string): Promise<HealthAnswer>
  /** Polls until health says what is wanted; gives the answer and the milliseconds it took. */
  until(wanted: (answer: HealthAnswer) => boolean): Promise<{ answer: HealthAnswer; tookMs: number }>
  /** From now on no timer of the engine fires, those that are set neither. */
  killTimers(): void
  [Symbol.asyncDispose](): Promise<void>
}

const retryMs = 50
const giveUpMs = 10_000

/** The engine with the given checks behind the real routes and the real public listener, ready, and nothing else. */
export async function serveHealth(checks: readonly Check[], wallMs: () => number = Date.now): Promise<HealthServer> {
  const config = toConfig(readEnv({ NODE_ENV: 'test', PORT: '0' }))
  const monotonicMs = () => performance.now()
  let timersLive = true
  const engine = createEngine({
    ...{ checks, retryMs, failures: 3, successes: 2, classify: classifyFailure, monotonicMs, wallMs },
    random: Math.random,
    setTimer: (callback, delayMs) =>
      setUnrefTimer(() => {
        if (timersLive) callback()
      }, delayMs),
    onRun: () => undefined,
    onChange: () => undefined,
  })
  const facts = () => ({
    ...{ environment: 'test', version: '1.0.0', commit: undefined, buildDate: undefined, machine: config.machine },
    ...{ memory: undefined, cpuPercent: undefined, pool: undefined },
  })
  const current = createCurrentHealth({
    records: engine.records,
    version: engine.version,
    nextStaleAtMs: engine.nextStaleAtMs,
    lifecycleState: () => 'ready',
    facts,
    monotonicMs,
  })
  const frontDoor = createFrontDoor({
    config,
    health: createHealthRoutes({
      ...{ current, facts, wallMs, uptimeMs: monotonicMs, deepIsOpen: true },
      deepRunner: () => undefined,
      lifecycleState: () => 'ready',
      readiness: () => readiness('ready', engine.records(), false),
      phases: { list: () => [], serverTimingByPhase: () => '' },
      gaveUp: () => false,
      operatorToken: () => ({ verdict: 'missing' }),
    }),
    draining: () => false,
    uptimeMs: monotonicMs,
    sinceResumeMs: () => undefined,
    serverTiming: () => '',
    logger: () => undefined,
    onError(error) {
      throw error
    },
  })
  await frontDoor.open()
  engine.start()
  await engine.firstCriticalRuns

  async function health(path = ''): Promise<HealthAnswer> {
    const response = await fetch(`http://127.0.0.1:${frontDoor.port()}/api/health${path}`)
    const body = (await response.json()) as HealthAnswer['body']
    return { statusCode: response.status, headers: response.headers, body }
  }

  return {
    engine,
    health,
    async until(wanted) {
      const begunMs = performance.now()
      for (;;) {
        const answer = await health()
        const tookMs = performance.now() - begunMs
        if (wanted(answer)) return { answer, tookMs }
        if (tookMs > giveUpMs) throw new Error(`health never said it; last: ${JSON.stringify(answer.body)}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    killTimers() {
      timersLive = false
    },
    async [Symbol.asyncDispose]() {
      await engine.stop(100)
      await frontDoor.close(AbortSignal.abort())
      frontDoor.destroy()
    },
  }
}
