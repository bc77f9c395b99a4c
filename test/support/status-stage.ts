import { createServer } from 'node:http'
import { createApp } from '../../src/http/app.ts'
import { authorisePage } from '../../src/http/authorise.ts'
import { createStatusRouter } from '../../src/http/status-router.ts'
import { createTokenGate } from '../../src/http/token-gate.ts'
import type { StatusSource } from '../../src/status/status-source.ts'
import { type Scenario, type ScenarioName, scenario } from '../status/scenarios.ts'
import { listenOnLoopback } from './loopback-server.ts'

export const stageToken = 'correct-horse-battery'

/** The status page in a real Express app on loopback, over a history that a test chooses and breaks. */
export async function startStatusStage(options: {
  name: ScenarioName
  open?: boolean
  nowMs?: () => number
  firstLoad?: () => Promise<unknown>
}) {
  const { open = true, nowMs = Date.now, firstLoad = async () => undefined } = options
  let load = firstLoad
  let shown: Scenario = scenario(options.name, nowMs())
  let answer: 'ok' | 'fail' | 'hang' = 'ok'
  /** Added to the monotonic clock, so that what is kept for seconds is read anew. */
  let aheadMs = 0
  const failures: unknown[] = []
  const paths: string[] = []
  let calls = 0

  const answered = (read: () => Promise<unknown>) => {
    calls += 1
    if (answer === 'fail') return Promise.reject(new Error('connect ECONNREFUSED db.internal:5432'))
    return answer === 'hang' ? new Promise(() => undefined) : read()
  }
  const source = {
    dailyAvailability: (window) => answered(() => shown.source.dailyAvailability(window)),
    latencyBuckets: (window) => answered(() => shown.source.latencyBuckets(window)),
    incidents: () => answered(shown.source.incidents),
    machines: () => answered(shown.source.machines),
    deployments: () => answered(shown.source.deployments),
    sloReport: () => answered(shown.source.sloReport),
  } as StatusSource

  const monotonicMs = () => performance.now() + aheadMs
  const gate = createTokenGate({ tokens: [stageToken], monotonicMs, onWrong: () => undefined })
  const { router, warm } = createStatusRouter({
    ...{ monotonicMs, wallMs: nowMs },
    async source() {
      const before = load
      load = async () => undefined
      await before()
      return source
    },
    report: () => shown.report,
    facts: () => ({
      ...{ environment: 'production', version: '1.4.0', commit: '44a2b9a1c0ffee' },
      machine: { id: '28715d4c671438', region: 'iad' },
    }),
    authorisePage: authorisePage(gate, () => 'client', open),
    uptimeMs: () => 36_120_000,
    onReadFailed: (error) => failures.push(error),
  })
  const app = createApp({
    ...{ production: false, index: {}, routers: [router] },
    nextRequestId: () => 'r1',
    answerHeaders: (requestId) => ['X-Request-Id', requestId],
    onStarted: () => undefined,
    onFinished: ({ method, path }) => paths.push(`${method} ${path}`),
    onError: (error) => failures.push(error),
  })
  const { port, connections, close } = await listenOnLoopback(createServer(app))
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    warm,
    failures,
    /** Finished requests. */
    paths: paths as readonly string[],
    calls: () => calls,
    connections,
    show(name: ScenarioName) {
      shown = scenario(name, nowMs())
    },
    /** The history from now on, as the database answers, refuses or hangs. */
    history(next: typeof answer) {
      answer = next
    },
    forward(ms: number) {
      aheadMs += ms
    },
    close,
  }
}
