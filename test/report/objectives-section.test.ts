import { describe, expect, it } from 'vitest'
import { renderMarkdown } from '../../src/report/format/markdown.ts'
import { buildSloReport, sloWindows } from '../../src/slo/slo-report.ts'
import { assess, recordedRun } from './recorded-run.ts'

const asOf = new Date('2026-11-22T10:00:00Z')

/** Of the section alone, a row a line, with single spaces. */
function rowsOf(availability: { readonly good: number; readonly total: number }): string[] {
  const ofWindows = sloWindows(asOf).map((_, index) => [
    { objective: 'availability', ...(index === 0 ? availability : { good: 98, total: 100 }) },
  ])
  const evidence = { gaps: [], objectives: buildSloReport(asOf, ofWindows) }
  const [, section = ''] = renderMarkdown(assess(recordedRun, { evidence })).split('## Objectives and error budgets')
  return (section.split('\n## ')[0] ?? '').replaceAll(/ +/g, ' ').split('\n')
}

describe('the objectives in a report', () => {
  it('tell what was promised, what was counted, what is left and how fast it burns', () => {
    expect(rowsOf({ good: 9_995, total: 10_000 })).toContain(
      '| availability | 99.9 % | 9,995 of 10,000 | 99.95 % | 50.0 % left | 20 × over 5m (100 events) |',
    )
    expect(rowsOf({ good: 9_970, total: 10_000 })).toContain(
      '| availability | 99.9 % | 9,970 of 10,000 | 99.7 % | overdrawn by 200.0 % | 20 × over 5m (100 events) |',
    )
  })

  it('conclude nothing from too few events, or from none', () => {
    const rows = rowsOf({ good: 10, total: 10 })
    expect(rows).toContain('| availability | 99.9 % | 10 of 10 | 100 % | not enough data | 20 × over 5m (100 events) |')
    expect(rows).toContain('| latency | 99.0 % | 0 of 0 | not enough data | not enough data | no event |')
  })

  it('are no section of a run from outside, which can not know them', () => {
    expect(renderMarkdown(assess(recordedRun))).not.toContain('## Objectives')
  })
})
