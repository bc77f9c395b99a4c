import type { ComparisonRow } from '../comparison.ts'
import type { Report } from '../report.ts'
import { inMs, inPercent, inUtc } from '../wording.ts'
import { targetInWords, valueInWords, verdictCell } from './criteria.ts'
import { type Block, type Cell, type Section, table, text } from './section.ts'

const changes = {
  better: { text: 'better', tone: 'good' },
  worse: { text: 'worse', tone: 'bad' },
  none_shown: { text: 'no difference shown', tone: 'unsure' },
  not_enough_data: { text: 'not enough data', tone: 'unsure' },
} as const satisfies Readonly<Record<ComparisonRow['change'], Cell>>

export function comparison(report: Report): Section {
  const { comparison: found, criteria } = report
  const targets = criteria
    .filter(({ decides, population }) => decides || population === 'all')
    .map((result) => [
      result.id,
      result.what,
      targetInWords(result),
      valueInWords(result),
      room(result),
      verdictCell(result.verdict),
    ])
  const blocks: Block[] = [
    ...table('With the targets', ['criterion', 'what', 'target #', 'value #', 'of the target #', 'verdict'], targets),
    ...(found === undefined
      ? [text('There is no comparison with an earlier run: give --baseline report.json of one.')]
      : baselineBlocks(found)),
  ]
  return { id: 'comparison', title: 'Comparison with targets and baseline', blocks }
}

/** How much of a bound is used. */
function room({ target, value, unit }: Report['criteria'][number]): string {
  const bound = Number(/[\d.e+-]+$/.exec(target)?.[0])
  return value === null || unit === 'probes' || !(bound > 0) ? '–' : inPercent(value / bound)
}

function baselineBlocks({ baseline, rows }: NonNullable<Report['comparison']>): Block[] {
  const told = (value: number | null, unit: ComparisonRow['unit']) => (unit === 'ms' ? inMs(value) : inPercent(value))
  return [
    text(`Baseline: ${baseline.target}, ${inUtc(baseline.from)} to ${inUtc(baseline.to)} UTC.`),
    ...table(
      'With the baseline (latencies by their median)',
      ['what', 'before #', 'now #', 'change', 'evidence'],
      rows.map(({ what, before, now, unit, change, evidence }) => [
        what,
        told(before, unit),
        told(now, unit),
        changes[change],
        evidence,
      ]),
    ),
    text(
      'A difference counts when it is significant (p below 0.05) and not negligible (Vargha and Delaney: a chance of 56 % or more); that none is shown does not prove that there is none.',
    ),
  ]
}
