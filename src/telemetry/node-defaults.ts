import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client'
import type { EventLoopLag, LagWindow } from './event-loop-lag.ts'

/**
 * Lines set aside for the defaults. About 120 once every kind of collection has run; the rest is for kinds of handles
 * and resources that a run may still open, which Node names from a closed list of classes.
 */
export const nodeDefaultLines = 300

/** A timer of Node holds 31 bits of milliseconds: about 25 days. */
const neverMs = 2_147_483_647
/** Ten times the library's own period: its 100 ms would wake an idle process ten times a second. */
const utilizationPeriodMs = 1_000

const lagGauges: Readonly<Record<string, { help: string; valueMs: (window: LagWindow) => number }>> = {
  nodejs_eventloop_lag_seconds: { help: 'Mean lag of the event loop.', valueMs: (window) => window.meanMs },
  nodejs_eventloop_lag_min_seconds: { help: 'Least lag of the event loop.', valueMs: (window) => window.minMs },
  nodejs_eventloop_lag_max_seconds: { help: 'Greatest lag of the event loop.', valueMs: (window) => window.maxMs },
  nodejs_eventloop_lag_mean_seconds: { help: 'Mean lag of the event loop.', valueMs: (window) => window.meanMs },
  nodejs_eventloop_lag_stddev_seconds: {
    help: 'Standard deviation of the lag of the event loop.',
    valueMs: (window) => window.stddevMs,
  },
  nodejs_eventloop_lag_p50_seconds: { help: 'Median lag of the event loop.', valueMs: (window) => window.p50Ms },
  nodejs_eventloop_lag_p90_seconds: {
    help: '90th percentile of the lag of the event loop.',
    valueMs: (window) => window.p90Ms,
  },
  nodejs_eventloop_lag_p99_seconds: {
    help: '99th percentile of the lag of the event loop.',
    valueMs: (window) => window.p99Ms,
  },
}

const firstLagGauge = 'nodejs_eventloop_lag_seconds'

/** The Node.js defaults under the library's names, but with a lag that scrapes don't reset (event-loop-lag.ts). */
export function registerNodeDefaults(registry: Registry, lag: EventLoopLag): void {
  collectDefaultMetrics({
    register: registry,
    eventLoopUtilizationTimeout: utilizationPeriodMs,
    // The library has no way to leave its lag metrics out: its monitor is put to sleep, its gauges are replaced.
    eventLoopMonitoringPrecision: neverMs,
  })
  const gauges = Object.entries(lagGauges).map(([name, { help, valueMs }]) => {
    registry.removeSingleMetric(name)
    const gauge = new Gauge({
      name,
      help: `${help} In seconds, over the last complete window of 10 s.`,
      registers: [registry],
      collect: name === firstLagGauge ? collectAll : undefined,
    })
    return { gauge, valueMs }
  })

  // Once per scrape for all, so that they come from one window: the first gauge collects for the others.
  function collectAll(): void {
    const window = lag.last() ?? lag.running()
    for (const { gauge, valueMs } of gauges) {
      if (window === undefined) gauge.remove()
      else gauge.set(valueMs(window) / 1_000)
    }
  }
}
