/** What is promised, what is left of the budget, and how fast it burns: one row per objective of src/slo/objectives.ts. */
import { type Objective, objectives, windowDays } from '../../src/slo/objectives.ts'
import { board } from './board.ts'
import { lines, total } from './panels.ts'
import { selected } from './selection.ts'

/** Pairs of the alerts, long window first. B. Beyer et al.: "The Site Reliability Workbook", chapter 5, O'Reilly, 2018. */
const burnWindows = ['1h', '6h', '1d', '3d'] as const
const burnLimits = {
  from: [
    [1, 'yellow'],
    [6, 'orange'],
    [14.4, 'red'],
  ],
} as const

const events = (objective: Objective, window: string, ...matchers: readonly string[]) =>
  `sum(increase(${selected('slo_events_total', `objective="${objective.name}"`, ...matchers)}[${window}]))`
const badShare = (objective: Objective, window: string) =>
  `${events(objective, window, 'outcome="bad"')} / (${events(objective, window)} > 0)`
/** With the digits that a target is written in, and none that binary fractions add. */
const budget = ({ target }: Objective) => Number((1 - target).toFixed(6))

export const objectivesBoard = board({
  name: 'objectives',
  title: 'Medio: objectives and budget',
  description: `Are the promises kept, over the range that is shown (${windowDays} days as it opens)? /api/slo tells the same from stored minutes.`,
  from: `now-${windowDays}d`,
  sources: ['prometheus'],
  rows: Object.fromEntries(objectives.map((objective) => [objective.title, panelsOf(objective)])),
})

function panelsOf(objective: Objective) {
  const { target, alert, minimumEvents, event, good } = objective
  const name = objective.name.replaceAll('_', ' ')
  const percent = `${Number((100 * target).toFixed(4))} %`
  return [
    total({
      title: `${name}: good`,
      description: `Of ${event}: good when ${good}. Promised: ${percent}. Below ${minimumEvents} events it says little.`,
      unit: 'percentunit',
      width: 4,
      height: 8,
      thresholds: { below: 'red', from: [[target, 'green']] },
      queries: [{ expr: `1 - ${badShare(objective, '$__range')}` }],
      noValue: 'no events',
    }),
    total({
      title: `${name}: budget left`,
      description: 'Of the bad events that the promise allows. Below 0: spend the next week on reliability.',
      unit: 'percentunit',
      width: 4,
      height: 8,
      thresholds: {
        below: 'red',
        from: [
          [0, 'yellow'],
          [0.25, 'green'],
        ],
      },
      queries: [{ expr: `1 - ${badShare(objective, '$__range')} / ${budget(objective)}` }],
      noValue: 'no events',
    }),
    total({
      title: `${name}: events`,
      description: `All that were counted, as Prometheus saw them. From ${minimumEvents} on the figures beside it conclude.`,
      unit: 'short',
      width: 4,
      height: 8,
      thresholds: { below: 'yellow', from: [[minimumEvents, 'green']] },
      queries: [{ expr: events(objective, '$__range') }],
    }),
    lines({
      title: `${name}: burn rate`,
      description: `1 spends the budget exactly. 14.4 over 1h or 6 over 6h: a ${alert}. Which events: the log, by their time.`,
      unit: 'short',
      width: 12,
      height: 8,
      thresholds: burnLimits,
      queries: burnWindows.map((window) => ({
        expr: `${badShare(objective, window)} / ${budget(objective)}`,
        legend: window,
      })),
    }),
  ]
}
