import type { Finding, Report } from '../report.ts'
import { type Section, type Tone, table, text } from './section.ts'

const tones: Readonly<Record<Finding['severity'], Tone>> = { critical: 'bad', warning: 'bad', note: 'unsure' }

export function findings({ findings: found }: Report): Section {
  const rows = found.map(({ rule, severity, title, evidence, nextStep }) => [
    { text: severity, tone: tones[severity] },
    title,
    evidence,
    nextStep,
    rule,
  ])
  const blocks = [
    ...table('What follows from the data', ['severity', 'finding', 'evidence', 'next step', 'rule'], rows),
    ...(rows.length === 0 ? [text('No rule found anything.')] : []),
  ]
  return { id: 'findings', title: 'Findings and recommendations', blocks }
}
