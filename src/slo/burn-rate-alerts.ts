/**
 * Multi-window, multi-burn-rate alerts after B. Beyer et al.: "The Site Reliability Workbook", chapter 5, O'Reilly,
 * 2018: the long window says that it matters, the short one that it still goes on.
 */
import type { Alert } from './alert.ts'
import type { AlertTrial } from './alert-trial.ts'
import { type BurnWindow, burnWindows } from './burn-windows.ts'
import { type Objective, objectives, windowDays } from './objectives.ts'
import { recorded } from './recording-rules.ts'

export interface BurnAlert {
  readonly name: 'ErrorBudgetBurnFast' | 'ErrorBudgetBurnSlow'
  readonly severity: 'critical' | 'warning'
  /** At which a window of 30 days would be used up in 30 days / rate. */
  readonly rate: number
  readonly long: BurnWindow
  readonly short: BurnWindow
}

export const burnAlertTable: readonly BurnAlert[] = [
  { name: 'ErrorBudgetBurnFast', severity: 'critical', rate: 14.4, long: '1h', short: '5m' },
  { name: 'ErrorBudgetBurnFast', severity: 'critical', rate: 6, long: '6h', short: '30m' },
  { name: 'ErrorBudgetBurnSlow', severity: 'warning', rate: 3, long: '1d', short: '2h' },
  { name: 'ErrorBudgetBurnSlow', severity: 'warning', rate: 1, long: '3d', short: '6h' },
]

/**
 * The guard for low traffic, and what takes its place: so many bad events must be in the long window. With
 * `enoughEvents` or more the rate alone decides, as it can't be reached by fewer bad ones; below that the rate is
 * reached by one or two unlucky requests, and the count decides.
 */
export const minimumBadEvents = 5

/** What it follows from is told before it, and silences it (`inhibitionsOf`). */
const causesFirstMs = 2 * 60_000

/**
 * The short window remembers an outage after its end. Who was woken by it need not be woken again for what it cost; what
 * still burns a short window later is told.
 */
const paged = 'ALERTS{alertname=~"DatabaseConnectionFailed|HighErrorRate|HealthCheckFailed", alertstate="firing"}'

/** From here on the rate decides and not the count of bad events. */
export function enoughEvents(rate: number, target: number): number {
  return minimumBadEvents / (rate * (1 - target))
}

export const burnAlerts: readonly Alert[] = burnAlertTable.map((burn) => {
  const { name, severity, rate, long, short } = burn
  // What pages also opens a ticket when it burns slowly.
  const watched = objectives.filter(({ alert }) => severity === 'warning' || alert === 'page')
  const select = `{objective=~"${watched.map((objective) => objective.name).join('|')}"}`
  const leftDays = windowDays / rate
  const left = leftDays > 3 ? `${leftDays} days` : `${Math.round(leftDays * 24)} hours`
  return {
    name,
    severity,
    forMs: causesFirstMs,
    labels: { window: long },
    expr: ({ span }) =>
      [
        `${recorded.burnRate(long)}${select} > ${rate}`,
        `and ${recorded.burnRate(short)} > ${rate}`,
        `and ${recorded.badEvents(long)} >= ${minimumBadEvents}`,
        ...(severity === 'critical' ? [`unless on () max_over_time(${paged}[${span(durationOf(short))}])`] : []),
      ].join('\n'),
    summary: `The error budget of {{ $labels.objective }} burns {{ $value | printf "%.1f" }} times too fast`,
    description: `For ${long} and in the last ${short} too, so many events were bad that 30 days of budget are gone in ${left} or less. Look which machine and which route they come from.`,
    query: `sum by (instance) (rate(slo_events_total{objective="{{ $labels.objective }}", outcome="bad"}[5m]))`,
    trials: watched.flatMap((objective) => [
      busyTrial(burn, objective),
      quietTrial(burn, objective),
      ...(severity === 'critical' ? [pagedTrial(burn, objective)] : []),
    ]),
  }
})

function durationOf(window: BurnWindow): number {
  return burnWindows.find(({ name }) => name === window)?.durationMs ?? 0
}

/** Many events: the rate decides. Just below: a tenth less than the rate. */
function busyTrial({ rate, long, short }: BurnAlert, { name, target }: Objective): AlertTrial {
  const longMs = durationOf(long)
  const perStep = 10_000
  const bad = Math.min(perStep, Math.round(perStep * rate * (1 - target)))
  return {
    what: `${name}: the budget burns ${rate} times too fast for ${long}, among many events`,
    stepMs: longMs / 60,
    wellMs: longMs,
    faultMs: longMs * 1.5,
    // Not when the long window has just begun to see it.
    silentUntilMs: longMs * 0.8,
    firesAfterMs: longMs * 1.2,
    resolvesAfterMs: durationOf(short) + longMs / 10,
    series: [
      growing(name, 'good', perStep, perStep - Math.ceil(bad * 1.1), perStep - Math.floor(bad * 0.9)),
      growing(name, 'bad', 0, Math.ceil(bad * 1.1), Math.floor(bad * 0.9)),
    ],
    labels: [{ objective: name }],
    value: (Math.ceil(bad * 1.1) / perStep / (1 - target)).toFixed(1),
  }
}

/** As among many events; below, somebody was woken for it. */
function pagedTrial(burn: BurnAlert, objective: Objective): AlertTrial {
  const busy = busyTrial(burn, objective)
  const alert = 'ALERTS{alertname="HighErrorRate",alertstate="firing"}'
  return {
    ...busy,
    what: `${busy.what}, and nobody was woken by what it follows from`,
    series: [
      ...busy.series.map(({ below: _below, ...series }) => series),
      { name: alert, well: null, fault: null, below: 1 },
    ],
  }
}

/** Few events, and all of them bad: the count decides. */
function quietTrial({ long, short }: BurnAlert, { name, target }: Objective): AlertTrial {
  const longMs = durationOf(long)
  const stepMs = longMs / 60
  return {
    what: `${name}: a handful of events within ${long}, all of them bad`,
    stepMs,
    wellMs: longMs,
    faultMs: stepMs * minimumBadEvents,
    silentUntilMs: stepMs,
    firesAfterMs: stepMs * (minimumBadEvents + Math.ceil(causesFirstMs / stepMs)),
    resolvesAfterMs: durationOf(short) + longMs / 10,
    series: [
      growing(name, 'good', 0, 0, 0),
      // Just below: not even one in each step, so that there are four of them.
      growing(name, 'bad', 0, 1, (minimumBadEvents - 1) / minimumBadEvents),
    ],
    labels: [{ objective: name }],
    value: (1 / (1 - target)).toFixed(1),
  }
}

function growing(objective: string, outcome: 'good' | 'bad', well: number, fault: number, below: number) {
  return {
    name: `slo_events_total{instance="a",objective="${objective}",outcome="${outcome}"}`,
    growing: true,
    well,
    fault,
    below,
  }
}
