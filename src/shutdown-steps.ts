import { setTimeout as delay } from 'node:timers/promises'
import type { OpenDatabase } from './db/open-database.ts'
import type { HealthMonitor } from './health/health-monitor.ts'
import type { RunningHistory } from './history/start-history.ts'
import type { FrontDoor } from './http/front-door.ts'
import type { MetricsListener } from './http/metrics-listener.ts'
import type { ShutdownStep } from './lifecycle/shutdown.ts'
import type { SupervisorLink } from './lifecycle/supervisor-link.ts'
import type { ErrorReporter } from './telemetry/error-reporter.ts'

/** What a stop closes; a part that was not built yet is absent. */
export interface RunningParts {
  readonly supervisor: SupervisorLink
  readonly frontDoor: FrontDoor
  /** Settles when the start is through; a stop may come in the middle of one. */
  readonly started: Promise<unknown> | undefined
  readonly monitor: HealthMonitor | undefined
  readonly history?: RunningHistory
  readonly reporter: ErrorReporter | undefined
  readonly metricsListener?: MetricsListener | undefined
  readonly opened: OpenDatabase | undefined
}

/** nginx gives the requests that it has taken 15 s to finish (`worker_shutdown_timeout`). */
const finishMs = 16_000
const reportMs = 2_000
const databaseMs = 3_000

/**
 * The order of a stop, and the longest that each step may take: their sum has to stay below Fly's `kill_timeout`.
 * `parts` is asked when a step runs, since the first of them lets a start finish.
 */
export function shutdownSteps(drainDelayMs: number, parts: () => RunningParts): ShutdownStep[] {
  const settled = () => parts().started?.then(ignore, ignore)
  return [
    { name: 'start', timeoutMs: 5_000, run: settled },
    // Fly's proxy sends its requests elsewhere once a check of `ready` has failed, and not before.
    { name: 'pause', timeoutMs: drainDelayMs + 1_000, run: (hurry) => pause(drainDelayMs, parts(), hurry) },
    { name: 'requests', timeoutMs: finishMs, run: (hurry) => finishRequests(parts(), hurry) },
    { name: 'checks', timeoutMs: 2_000, run: () => parts().monitor?.stop() },
    { name: 'history', timeoutMs: 2_000, run: () => closeHistory(parts().history) },
    { name: 'error reports', timeoutMs: reportMs, run: () => parts().reporter?.flush(reportMs).then(ignore) },
    { name: 'metrics', timeoutMs: 1_000, run: (hurry) => parts().metricsListener?.close(hurry) },
    { name: 'database', timeoutMs: databaseMs, run: () => parts().opened?.database.end(databaseMs - 500) },
    { name: 'embedded server', timeoutMs: 11_000, run: () => parts().opened?.stopServer() },
  ]
}

/** The door in front closes first: what it has let in still finds this one open. */
async function finishRequests({ supervisor, frontDoor }: RunningParts, hurry: AbortSignal): Promise<void> {
  await supervisor.closePort()
  await frontDoor.close(hurry)
}

/** Hurry does not cut it short, its deadline does: without its stop the next start would be taken for a crash's. */
function closeHistory(history: RunningHistory | undefined): Promise<void> | undefined {
  history?.machine.record({ at: new Date(), kind: 'stop' })
  return history?.close()
}

const ignore = () => undefined

/** Ends early when the stop is hurried, or when there is no port left on which somebody could come. */
function pause(ms: number, { supervisor }: RunningParts, hurry: AbortSignal): Promise<void> {
  return Promise.race([delay(ms, undefined, { signal: hurry }).catch(ignore), supervisor.portClosed])
}
