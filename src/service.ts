/**
 * The composition root: builds the parts in order and hands each what it needs. `start()` answers health from the first
 * milliseconds and loads the rest behind it; what is imported at the top of this file is what the first answer costs.
 */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import type { AfterReady } from './after-ready.ts'
import type { Config } from './config.ts'
import type { OpenDatabase } from './db/open-database.ts'
import { createChangeWatch } from './health/change-watch.ts'
import { createCurrentHealth } from './health/current-health.ts'
import { describeInstance } from './health/describe-instance.ts'
import type { HealthMonitor } from './health/health-monitor.ts'
import { readiness } from './health/report.ts'
import { createHealthRoutes } from './health/routes.ts'
import { createFrontDoor } from './http/front-door.ts'
import type { PublicApp } from './http/public-app.ts'
import { createLifecycle } from './lifecycle/lifecycle.ts'
import { processCpuMs } from './lifecycle/process-cpu.ts'
import { createResumeDetector } from './lifecycle/resume-detector.ts'
import { runShutdown } from './lifecycle/shutdown.ts'
import { createStartupPhases } from './lifecycle/startup-phases.ts'
import { createSupervisorLink } from './lifecycle/supervisor-link.ts'
import { shutdownSteps } from './shutdown-steps.ts'
import type { LogSink } from './telemetry/logger.ts'
import type { MetricReadings } from './telemetry/metric-readings.ts'
import type { Telemetry } from './telemetry/telemetry.ts'

export interface Service {
  /**
   * Resolves when the service is ready, with the ports that it listens on, or with none when it was stopped before
   * that; rejects when it can't listen.
   */
  start(): Promise<{ readonly port: number | undefined; readonly metricsPort: number | undefined }>
  /** Drains and closes. Called again it hurries. */
  stop(reason: string): Promise<void>
  /** Logs and reports the error that ends the process; resolves when both are delivered or the deadline is over. */
  crash(error: unknown): Promise<void>
}

/** A prober that waited for the port asks within this time: it is answered before the loading begins. */
const firstAnswerMs = 4

/** `sink`: where log lines go; standard output when absent. `onGiveUp`: stop, and end with an error, to start anew. */
export function createService(options: {
  config: Config
  version: string
  migrationsDirectory: string
  sink?: LogSink
  onGiveUp?: (code: string) => void
}): Service {
  const { config, version, migrationsDirectory, sink, onGiveUp } = options
  const uptimeMs = () => performance.now()
  const startedAt = new Date(performance.timeOrigin)

  // Built behind the first answer, in this order; undefined until then.
  let telemetry: Telemetry | undefined
  let app: PublicApp | undefined
  let opened: OpenDatabase | undefined
  let monitor: HealthMonitor | undefined
  let behind: AfterReady | undefined
  let requestsInFlight = 0
  let started: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  let crashed = false
  const hurry = new AbortController()

  const phases = createStartupPhases(uptimeMs, processCpuMs)
  phases.mark('boot')
  const supervisor = createSupervisorLink(config.notifyFd)
  const lifecycle = createLifecycle(() => watchChange(current.report()))

  const facts = () => describeInstance(config, version, monitor?.machine, opened?.database.poolStats())
  const records = () => {
    // The first answer after a resume comes before the detector's next tick, and must not call old results stale.
    resume.look()
    return monitor?.engine.records() ?? []
  }
  const current = createCurrentHealth({
    records,
    version: () => monitor?.engine.version() ?? -1,
    nextStaleAtMs: () => monitor?.engine.nextStaleAtMs() ?? Number.POSITIVE_INFINITY,
    lifecycleState: lifecycle.state,
    facts,
    monotonicMs: uptimeMs,
  })
  const watchChange = createChangeWatch(({ from, to, reasons }) => {
    const log = to === 'healthy' ? telemetry?.logger.info : telemetry?.logger.warn
    log?.({ event: 'health_changed', from, to, reasons }, `health: ${from} → ${to}`)
  })

  const resume = createResumeDetector({
    monotonicMs: uptimeMs,
    ...{ wallMs: () => Date.now(), cpuMs: processCpuMs },
    isStarting: () => lifecycle.state() === 'starting',
    onResume(signs) {
      telemetry?.logger.info({ event: 'process_resumed', ...signs }, 'the process was suspended')
      telemetry?.lag.restart()
      opened?.database.dropIdle()
      monitor?.resumed()
      behind?.history.machine.record({ at: new Date(), kind: 'resume', reason: 'wake' })
    },
  })

  const frontDoor = createFrontDoor({
    config,
    health: createHealthRoutes({
      current,
      deepRunner: () => monitor?.deepRunner,
      lifecycleState: lifecycle.state,
      readiness: () => readiness(lifecycle.state(), records(), config.health.readyStrict),
      facts,
      phases,
      gaveUp: () => crashed || behind?.healing?.gaveUp() === true,
      operatorToken: (authorization, from) => app?.operatorGate.check(authorization, from) ?? { verdict: 'missing' },
      deepIsOpen: !config.production,
      wallMs: Date.now,
      uptimeMs,
    }),
    draining: () => lifecycle.state() === 'draining',
    ...{ uptimeMs, sinceResumeMs: resume.sinceResumeMs, serverTiming: phases.serverTiming },
    logger: () => telemetry?.logger,
    onError(error, requestId) {
      // Logged only: probes come every few seconds, and would fill Sentry with one and the same fault.
      telemetry?.logger.error({ event: 'request_failed', requestId, error }, 'a health answer failed')
    },
  })

  const readings: MetricReadings = {
    requestsInFlight: () => requestsInFlight,
    health: () => ({ status: current.report().status, checks: current.report().records }),
    pool: () => opened?.database.poolStats(),
    startupPhases: phases.list,
    machineTotals: () => behind?.history.machine.totals(),
    historySpool: () => behind?.history.writer.size(),
    restartBudget: () => behind?.healing?.restartBudget(),
  }

  async function start() {
    await frontDoor.open()
    phases.mark('listen')
    await delay(firstAnswerMs)

    const { createTelemetry } = await import('./telemetry/telemetry.ts')
    const built = createTelemetry({ config, version, sink, readings })
    const { logger, metrics, lag, reporter } = built
    telemetry = built
    logger.info(
      { event: 'service_starting', environment: config.environment, port: frontDoor.port(), node: process.version },
      'starting',
    )
    phases.mark('telemetry')
    await turn()

    const { openDatabase } = await import('./db/open-database.ts')
    const database = await openDatabase({ config, migrationsDirectory, logger, metrics, lookForResume: resume.look })
    opened = database
    phases.mark('database')
    await turn()

    const { createHealthMonitor } = await import('./health/health-monitor.ts')
    const watching = createHealthMonitor({
      config,
      database: { ...database, ...database.database },
      eventLoopLag: lag,
      lastDelivery: reporter.lastDelivery,
      refusedRestart: () => behind?.healing?.refused(),
      monotonicMs: uptimeMs,
      lookForResume: resume.look,
      onRun: (check, durationMs) => metrics.healthCheck(check, durationMs / 1_000),
      onChange: () => watchChange(current.report()),
      onStalled: (checks) => logger.error({ event: 'engine_stalled', checks }, 'checks did not run when they were due'),
      onIdle: (idle) => logger.info({ event: idle ? 'engine_idle' : 'engine_active' }, 'remote checks pause or go on'),
    })
    monitor = watching
    watching.start()
    phases.mark('checks')
    await turn()

    // Loads while the first checks wait for their answers.
    const { createPublicApp } = await import('./http/public-app.ts')
    const mounted = createPublicApp({
      ...{ config, version, logger, metrics, facts, uptimeMs, healthReport: current.report, ...frontDoor },
      ...{ database: database.database, history: () => behind?.history, monotonicMs: uptimeMs },
      onRequest(change) {
        requestsInFlight += change
        watching.idleWatch.touch()
      },
      onError: (error, requestId) => reporter.capture(error, { requestId }),
    })
    app = mounted
    frontDoor.mount(mounted.listener)
    phases.mark('http')

    const tooLong = delay(config.health.startupDeadlineMs, undefined, { ref: false })
    await Promise.race([watching.engine.firstCriticalRuns, tooLong])
    phases.mark('first checks')
    if (lifecycle.state() !== 'starting') return
    lifecycle.advance('ready')
    supervisor.ready()
    logger.info({ event: 'service_ready', phases: phases.list() }, 'ready')
  }

  async function startBehind() {
    if (telemetry === undefined || opened === undefined || app === undefined || lifecycle.state() !== 'ready') return
    const { startAfterReady } = await import('./after-ready.ts')
    behind = await startAfterReady({
      ...{ config, version, telemetry, startedAt, uptimeMs, opened, onGiveUp },
      health: () => ({ status: current.report().status, records: records() }),
      port: frontDoor.port,
      phases: phases.list(),
      isIdle: () => monitor?.isIdle() ?? false,
      warmStatus: app.warmStatus,
      nextRequestId: frontDoor.nextRequestId,
    })
  }

  async function drainAndClose(reason: string) {
    telemetry?.logger.info({ event: 'service_draining', reason }, 'draining')
    lifecycle.advance('draining')
    behind?.healing?.stop()
    behind?.statusWarmth.stop()
    behind?.history.machine.record({ at: new Date(), kind: 'drain' })
    const reporter = telemetry?.reporter
    const parts = () => ({ supervisor, frontDoor, started, monitor, opened, reporter, ...behind })
    const results = await runShutdown(shutdownSteps(config.drainDelayMs, parts), hurry.signal)
    frontDoor.destroy()
    resume.stop()
    telemetry?.lag.stop()
    for (const overdue of results.filter(({ outcome }) => outcome !== 'done')) {
      telemetry?.logger.warn({ event: 'shutdown_step_overdue', ...overdue }, 'a step did not end well')
    }
    lifecycle.advance('stopped')
    telemetry?.logger.info({ event: 'service_stopped', reason, steps: results.length }, 'stopped')
    telemetry?.logger.flush()
  }

  return {
    async start() {
      started = start()
      await started
      await startBehind()
      if (behind === undefined) return { port: undefined, metricsPort: undefined }
      return { port: frontDoor.port(), metricsPort: behind.metricsListener?.port }
    },
    stop(reason) {
      if (stopping !== undefined) hurry.abort()
      stopping ??= drainAndClose(reason)
      return stopping
    },
    async crash(error) {
      crashed = true
      if (telemetry === undefined) throw error
      await telemetry.crash(error)
    },
  }
}
