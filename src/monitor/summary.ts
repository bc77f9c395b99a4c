import type { Report } from '../report/report.ts'

const verdictWords = { met: 'met', not_met: 'NOT MET', not_enough_data: 'not enough data' } as const

/** What a person wants to know before opening the report: the verdict, the criteria and what to do. */
export function summaryOf(report: Report, directory: string): string {
  const { target, counts, latencyMs, verdict, criteria, findings, evidence } = report
  const { p50, p95, p99 } = latencyMs.all
  const figures = [['p50', p50] as const, ['p95', p95] as const, ['p99', p99] as const].flatMap(([name, ms]) =>
    ms === null ? [] : [`${name} ${Math.round(ms)} ms`],
  )
  const probes = [`${counts.observations} probes`, `${counts.ok} ok`, `${counts.failed} failed`]
  // One that nothing told of decides nothing, and must be seen not to have been judged.
  const shown = criteria.filter(({ decides, population }) => decides || population === 'all')
  const lines = [
    `${target}: criteria ${verdictWords[verdict]}`,
    `  ${[...probes, ...figures].join(', ')}`,
    ...shown.map((each) => `  ${verdictWords[each.verdict].padEnd(15)} ${each.id}: ${each.evidence}`),
    ...findings
      .filter(({ severity }) => severity !== 'note')
      .map(({ severity, title, nextStep }) => `  ${severity}: ${title}. ${nextStep}`),
    ...evidence.gaps.map((gap) => `  missing: ${gap}`),
    `  report: ${directory}/report.html (and report.md, report.json, junit.xml)`,
  ]
  return `${lines.join('\n')}\n`
}
