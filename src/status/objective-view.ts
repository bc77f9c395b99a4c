import { objectives } from '../slo/objectives.ts'
import type { ObjectiveReport, SloReport } from '../slo/slo-report.ts'
import { shareText } from './share-text.ts'

/** `unknown`: too few events to conclude from. */
type BudgetLevel = 'unknown' | 'good' | 'low' | 'spent'

export interface ObjectiveView {
  readonly name: string
  readonly title: string
  /** What counts as an event, and when it is good. */
  readonly counted: string
  readonly target: string
  /** Undefined without an event. */
  readonly share: string | undefined
  readonly good: number
  readonly total: number
  readonly windowDays: number
  readonly level: BudgetLevel
  /** Of the budget that is left, from 0 to 100. */
  readonly leftPercent: number
  /** `72 % left`, `overdrawn by 40 %`, or why nothing is said. */
  readonly left: string
  /** Such as `1h 0.4×`; without those in which nothing happened. */
  readonly burn: readonly string[]
}

/** Below a quarter a look is due before it is gone. */
const lowShare = 0.25
/** The long windows of the alerts: the short ones only tell whether it still burns. */
const shownWindows = ['1h', '6h', '1d', '3d']

export function objectiveViews(report: SloReport): ObjectiveView[] {
  return report.objectives.flatMap((objective) => {
    const declared = objectives.find(({ name }) => name === objective.name)
    return declared === undefined ? [] : [objectiveView(objective, declared)]
  })
}

function objectiveView(objective: ObjectiveReport, declared: (typeof objectives)[number]): ObjectiveView {
  const { name, target, ratio, good, total, windowDays, burnRates } = objective
  return {
    ...{ name, good, total, windowDays },
    title: declared.title,
    counted: `Counted: ${declared.event}. Good: ${declared.good}.`,
    target: shareText(target),
    share: ratio === null ? undefined : shareText(ratio),
    ...budget(objective, declared.minimumEvents),
    burn: burnRates.flatMap(({ window, rate }) =>
      rate === null || !shownWindows.includes(window) ? [] : [`${window} ${Number(rate.toPrecision(2))}×`],
    ),
  }
}

function budget(
  { budgetRemaining: share, enoughData, total }: ObjectiveReport,
  minimumEvents: number,
): Pick<ObjectiveView, 'level' | 'leftPercent' | 'left'> {
  if (share === null) return { level: 'unknown', leftPercent: 0, left: 'nothing counted yet' }
  if (!enoughData) {
    const left = `too few events to tell: ${total} of at least ${minimumEvents.toLocaleString('en')}`
    return { level: 'unknown', leftPercent: 0, left }
  }
  // Cut, so that what is spent never reads as something left.
  const leftPercent = Math.min(100, Math.max(0, Math.floor(share * 100)))
  if (share < 0) return { level: 'spent', leftPercent, left: `overdrawn by ${Math.ceil(-share * 100)} %` }
  if (leftPercent === 0) return { level: 'spent', leftPercent, left: 'used up' }
  return { level: share < lowShare ? 'low' : 'good', leftPercent, left: `${leftPercent} % left` }
}
