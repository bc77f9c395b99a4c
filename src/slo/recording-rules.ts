/** What several alerts and dashboards ask for, computed once. Names: https://prometheus.io/docs/practices/rules/ */
import { burnWindows } from './burn-windows.ts'
import { objectives } from './objectives.ts'
import type { PromTime } from './prom-time.ts'

export interface RecordingRule {
  readonly record: string
  readonly labels?: Readonly<Record<string, string>>
  readonly expr: (time: PromTime) => string
}

export interface RecordingGroup {
  readonly name: string
  /** Prometheus' evaluation interval if left out. */
  readonly intervalMs?: number
  readonly rules: readonly RecordingRule[]
}

const hourMs = 3_600_000
/** How far back a machine that slept is remembered. */
const rememberedMs = 24 * hourMs
const longFromMs = 6 * hourMs

/** Names of what is recorded for a window of `burnWindows`. */
export const recorded = {
  events: (window: string) => `objective:slo_events:increase${window}`,
  badEvents: (window: string) => `objective:slo_events_bad:increase${window}`,
  burnRate: (window: string) => `objective:slo_burn_rate:${window}`,
  starts: (window: '15m' | '1h') => `machine:machine_starts:increase${window}`,
} as const

const budget = 'objective:slo_error_budget:ratio'

/** In this order: a group is evaluated from its first rule to its last. */
export const recordingGroups: readonly RecordingGroup[] = [
  {
    name: 'objectives',
    rules: [
      ...objectives.map(({ name, target }) => ({
        record: budget,
        labels: { objective: name },
        expr: () => `vector(${Number((1 - target).toFixed(9))})`,
      })),
      ...burnWindows.filter(({ durationMs }) => durationMs < longFromMs).flatMap(burnRecordings),
    ],
  },
  {
    name: 'objectives over long windows',
    // They move slowly, and read many samples.
    intervalMs: 60_000,
    rules: burnWindows.filter(({ durationMs }) => durationMs >= longFromMs).flatMap(burnRecordings),
  },
  {
    name: 'machine starts',
    rules: [
      { record: recorded.starts('15m'), expr: (time) => startsWithin(hourMs / 4, time) },
      { record: recorded.starts('1h'), expr: (time) => startsWithin(hourMs, time) },
    ],
  },
]

function burnRecordings({ name: window, durationMs }: (typeof burnWindows)[number]): RecordingRule[] {
  const increase = (selector: string, { span }: PromTime) =>
    `sum by (objective) (increase(slo_events_total${selector}[${span(durationMs)}]))`
  return [
    { record: recorded.events(window), expr: (time) => increase('', time) },
    { record: recorded.badEvents(window), expr: (time) => increase('{outcome="bad"}', time) },
    {
      record: recorded.burnRate(window),
      // Without an event the ratio is NaN, which is above and below nothing.
      expr: () => `${recorded.badEvents(window)} / ${recorded.events(window)} / on (objective) group_left () ${budget}`,
    },
  ]
}

/**
 * Starts in a window, by machine, kind and reason. `increase()` is blind to them: a counter that turns up with its first
 * start begins at 1, a machine that slept or crashes in a loop is seen now and then, and extrapolation makes fractions.
 * So it is what the counter last said, less what it said before the window. Where it said nothing then: 0 if the machine
 * itself was known, since the series is new; 0 if it begins at 1; else what it said first, since the watch is what is new.
 * The counter is kept in Postgres and never goes back when a process ends.
 */
function startsWithin(windowMs: number, { span }: PromTime): string {
  const window = span(windowMs)
  const before = `[${span(rememberedMs)}] offset ${window}`
  const first = `min_over_time(machine_starts_total[${window}])`
  return [
    `last_over_time(machine_starts_total[${window}]) - (`,
    `  last_over_time(machine_starts_total${before})`,
    `  or 0 * ${first} and on (instance) last_over_time(machine_starts_total${before})`,
    `  or (${first} > 1)`,
    `  or (${first} == 1) - 1`,
    ')',
  ].join('\n')
}
