import type { ObjectiveReport } from '../../slo/slo-report.ts'
import type { Report } from '../report.ts'
import { inPercent, inUtc, inWords, notEnough } from '../wording.ts'
import { type Cell, type Section, table, text } from './section.ts'

/** Undefined for a run from outside: what users' requests met is counted by the service alone. */
export function objectives({ evidence: { objectives: slo } }: Report): Section | undefined {
  if (slo === undefined) return undefined
  const rows = slo.objectives.map((objective) => [
    objective.name,
    inPercent(objective.target),
    `${inWords(objective.good)} of ${inWords(objective.total)}`,
    inPercent(objective.ratio),
    budgetCell(objective),
    fastestBurn(objective),
  ])
  const blocks = [
    ...table(
      `What the service counted in the ${slo.objectives[0]?.windowDays ?? 0} days to ${inUtc(slo.asOf)}, by the minute`,
      ['objective', 'promised #', 'good events #', 'share #', 'error budget', 'fastest burn'],
      rows,
    ),
    text(
      'A burn of 1 uses the budget up in exactly the window; 14.4 for an hour is worth a page. Probes from outside count in availability above, and not here.',
    ),
  ]
  return { id: 'objectives', title: 'Objectives and error budgets', blocks }
}

function budgetCell({ budgetRemaining, enoughData }: ObjectiveReport): Cell {
  if (budgetRemaining === null || !enoughData) return { text: notEnough, tone: 'unsure' }
  if (budgetRemaining < 0) return { text: `overdrawn by ${inPercent(-budgetRemaining)}`, tone: 'bad' }
  return { text: `${inPercent(budgetRemaining)} left`, tone: 'good' }
}

function fastestBurn({ burnRates }: ObjectiveReport): string {
  const known = burnRates.flatMap(({ window, rate, events }) => (rate === null ? [] : [{ window, rate, events }]))
  const [fastest] = known.toSorted((a, b) => b.rate - a.rate)
  if (fastest === undefined) return 'no event'
  return `${Number(fastest.rate.toPrecision(2))} × over ${fastest.window} (${inWords(fastest.events)} events)`
}
