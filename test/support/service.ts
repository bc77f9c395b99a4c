import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

type LogLine = Record<string, unknown> & { event: string }

export interface HealthAnswer {
  readonly statusCode: number
  readonly headers: Headers
  readonly body: {
    status: string
    services: { database: { status: string; responseTime: number | null; checkedAt: string } }
    dependencies: Record<string, string>
    reasons: { check: string; status: string; code: string; since: string; consecutiveFailures: number }[]
    checks?: Record<string, { status: string; code: string | null }>
  }
}

export interface RunningService {
  readonly pid: number
  readonly url: string
  readonly metricsUrl: string
  readonly lines: readonly LogLine[]
  readonly stderr: () => string
  readonly exited: Promise<number | null>
  health(path?: string): Promise<HealthAnswer>
  /** Polls `/api/health` until it says what is wanted; gives the answer and the milliseconds it took. */
  until(wanted: (answer: HealthAnswer) => boolean, withinMs?: number): Promise<{ answer: HealthAnswer; tookMs: number }>
  /** The first line of the log with this event, now or as soon as it comes. */
  logged(event: string, withinMs?: number): Promise<LogLine>
  signal(name: NodeJS.Signals): void
  [Symbol.asyncDispose](): Promise<void>
}

const pollMs = 20
const preloadForBoom = `data:text/javascript,process.on('SIGUSR2',()=>setImmediate(()=>{throw new Error('boom')}))`

/** The service as a process of its own, from sources or another script, on ports from the kernel. SIGUSR2 makes it throw uncaught. */
export async function startService(
  env: Readonly<Record<string, string>>,
  script = 'src/bin/server.ts',
): Promise<RunningService> {
  const dataDir = await mkdtemp(join(tmpdir(), 'medio-data-'))
  // An embedded Postgres of root runs as another user, who has to get in.
  await chmod(dataDir, 0o711)
  const child = spawn(process.execPath, ['--import', preloadForBoom, script], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env.PATH, PORT: '0', METRICS_PORT: '0', DATA_DIR: dataDir, NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: LogLine[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line) as LogLine))
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk)
  })
  const exited = once(child, 'close').then(([code]) => code as number | null)
  let ended = false
  void exited.then(() => {
    ended = true
  })

  async function logged(event: string, withinMs = 15_000): Promise<LogLine> {
    const deadline = performance.now() + withinMs
    while (performance.now() < deadline) {
      const line = lines.find((each) => each.event === event)
      if (line !== undefined) return line
      if (ended) break
      await delay(pollMs)
    }
    const seen = lines.map((line) => line.event).join(', ')
    throw new Error(
      `${event} was not logged${ended ? ' and the service ended' : ''}; logged: ${seen}; stderr: ${stderr}`,
    )
  }

  const { port } = await logged('service_starting')
  const url = `http://127.0.0.1:${String(port)}`

  async function health(path = ''): Promise<HealthAnswer> {
    const response = await fetch(`${url}/api/health${path}`, { signal: AbortSignal.timeout(5_000) })
    return {
      statusCode: response.status,
      headers: response.headers,
      body: (await response.json()) as HealthAnswer['body'],
    }
  }

  return {
    pid: child.pid ?? 0,
    url,
    get metricsUrl() {
      const line = lines.find((each) => each.event === 'metrics_listening')
      return `http://127.0.0.1:${String(line?.port)}/metrics`
    },
    lines,
    stderr: () => stderr,
    exited,
    health,
    async until(wanted, withinMs = 15_000) {
      const begun = performance.now()
      let answer = await health()
      while (!wanted(answer)) {
        if (performance.now() - begun > withinMs) {
          throw new Error(`health never said it within ${withinMs} ms; last: ${JSON.stringify(answer.body)}`)
        }
        await delay(pollMs)
        answer = await health()
      }
      return { answer, tookMs: performance.now() - begun }
    },
    logged,
    signal: (name) => child.kill(name),
    async [Symbol.asyncDispose]() {
      if (!ended) child.kill('SIGKILL')
      await exited
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Check timings short enough for a test; the contract's bounds scale with them. */
export const quickChecks = {
  intervalMs: 400,
  timeoutMs: 300,
  retryMs: 100,
  env: {
    HEALTH_INTERVAL_MS: '400',
    HEALTH_TIMEOUT_MS: '300',
    HEALTH_RETRY_MS: '100',
    HEALTH_POOL_STUCK_MS: '600',
  },
} as const
/** A reason within interval + time-out; unhealthy within interval + 3 time-outs + 2 retries. */
export const reasonWithinMs = quickChecks.intervalMs + quickChecks.timeoutMs
export const unhealthyWithinMs = quickChecks.intervalMs + 3 * quickChecks.timeoutMs + 2 * quickChecks.retryMs
/** What a poll, a loaded machine's scheduler and the answer itself may add to a bound. */
export const slackMs = 750
