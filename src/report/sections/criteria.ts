import type { Verdict } from '../criterion.ts'
import type { CriterionResult, Report } from '../report.ts'
import { inFull, inMs, inPercent, inWords } from '../wording.ts'
import { type Cell, type Section, type Tone, table, text } from './section.ts'

const tones: Readonly<Record<Verdict, Tone>> = { met: 'good', not_met: 'bad', not_enough_data: 'unsure' }

export function criteria({ criteria: results }: Report): Section {
  const rows = results.map((result) => [
    result.id,
    result.what,
    result.population,
    targetInWords(result),
    valueInWords(result),
    verdictCell(result.verdict),
    result.evidence,
  ])
  const blocks = [
    ...table(
      'Each over all answers, and over warm ones',
      ['criterion', 'what', 'over', 'target #', 'value #', 'verdict', 'evidence'],
      rows,
    ),
    text('Over all decides; over warm shows what is left without the starts of machines.'),
  ]
  return { id: 'criteria', title: 'Success criteria', blocks }
}

export function verdictCell(verdict: Verdict): Cell {
  return { text: verdict.replaceAll('_', ' '), tone: tones[verdict] }
}

export function targetInWords({ target, unit }: CriterionResult): string {
  const [op = '', bound] = target.split(' ')
  return `${op} ${inFull(Number(bound))}${unit === 'ratio' ? '' : ` ${unit}`}`
}

export function valueInWords({ value, unit }: CriterionResult): string {
  if (value === null) return 'not known'
  if (unit === 'ms') return inMs(value)
  return unit === 'ratio' ? inPercent(value) : inWords(value)
}
