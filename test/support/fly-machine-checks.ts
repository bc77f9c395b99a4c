import { request as httpRequest } from 'node:http'

/** Of `[[http_service.checks]]`: milliseconds, as in fly.toml. */
export interface CheckSettings {
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
}

export interface MachineChecks {
  passing(): boolean
  stop(): void
}

/** A machine that was just started is asked this many times as often. */
const hasteFactor = 10
/** ... for this many intervals, or until it first passes. */
const hasteIntervals = 2

/**
 * Fly's health check of one machine: only a 200 within the time-out passes, and a redirect is not followed. The interval
 * counts from the end of a check. It never starts or stops a machine; it only decides what is routed to.
 */
export function startMachineChecks(
  port: number,
  settings: CheckSettings,
  onChange: (passing: boolean) => void,
): MachineChecks {
  const { path, intervalMs, timeoutMs } = settings
  const hasteUntilMs = performance.now() + hasteIntervals * intervalMs
  const stopped = new AbortController()
  let passing = false
  let everPassed = false
  let timer: NodeJS.Timeout | undefined

  async function run(): Promise<void> {
    const passes = await answersOk(port, path, AbortSignal.any([stopped.signal, AbortSignal.timeout(timeoutMs)]))
    if (stopped.signal.aborted) return
    everPassed ||= passes
    if (passes !== passing) {
      passing = passes
      onChange(passing)
    }
    const hasty = !everPassed && performance.now() < hasteUntilMs
    timer = setTimeout(run, hasty ? intervalMs / hasteFactor : intervalMs)
  }
  void run()

  return {
    passing: () => passing,
    stop() {
      stopped.abort()
      clearTimeout(timer)
    },
  }
}

/** Never rejects: whatever goes wrong is a failed check. */
function answersOk(port: number, path: string, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const request = httpRequest({ host: '127.0.0.1', port, path, agent: false, signal })
  request.on('response', (response) => {
    response.resume()
    response.on('end', () => resolve(response.statusCode === 200))
    response.on('error', () => resolve(false))
  })
  request.on('error', () => resolve(false))
  request.end()
  return promise
}
