import type { SloObjective } from '../telemetry/metric-definitions.ts'

/**
 * What the service promises, declared once: the API, the status page, the report and the alert rules read it here.
 * After B. Beyer et al.: "The Site Reliability Workbook", chapters 2 and 5, O'Reilly, 2018.
 */
export interface Objective {
  readonly name: SloObjective
  /** What is promised, in words for people: good events, of all. */
  readonly title: string
  /** What is counted, and by whom. */
  readonly event: string
  /** When an event is good. */
  readonly good: string
  /** Share of events that must be good, above 0 and below 1. */
  readonly target: number
  /** What burning the budget too fast does: wake a person, or wait for the working day. */
  readonly alert: 'page' | 'ticket'
  /**
   * Events in the whole window below which nothing is concluded. At least as many as make one bad event worth less than
   * the budget: with 100 events and 99.9 %, a single failure would burn ten budgets.
   */
  readonly minimumEvents: number
}

export const windowDays = 30

/** A request that takes longer counts against the latency objective. */
export const latencyGoodMs = 500

export const objectives: readonly Objective[] = [
  {
    name: 'availability',
    title: 'Requests that were served',
    event: 'a request of a user, counted by the machine that got it; health and metrics requests are none',
    good: 'its status code is below 500',
    target: 0.999,
    alert: 'page',
    minimumEvents: 1_000,
  },
  {
    name: 'latency',
    title: `Requests answered within ${latencyGoodMs} ms`,
    event: 'a request of a user, counted by the machine that got it; health and metrics requests are none',
    good: `its answer was complete within ${latencyGoodMs} ms`,
    target: 0.99,
    alert: 'ticket',
    minimumEvents: 100,
  },
  {
    name: 'health',
    title: 'Time with a healthy machine',
    event: 'a look of a machine at its own health, at a fixed interval',
    good: 'the status is healthy or degraded',
    target: 0.999,
    alert: 'page',
    minimumEvents: 1_000,
  },
  {
    name: 'freshness',
    title: 'Time with every check fresh',
    event: 'a look of a machine at its own health, at a fixed interval',
    good: 'no result of a check is stale',
    target: 0.999,
    alert: 'ticket',
    minimumEvents: 1_000,
  },
  {
    name: 'cold_start',
    title: 'Requests without a cold start',
    event: 'an outside probe whose answer tells how long its process had run',
    good: 'no machine was started or resumed while it waited',
    target: 0.95,
    alert: 'ticket',
    minimumEvents: 100,
  },
]
