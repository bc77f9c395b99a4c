import type { ChecklistItem, Report } from '../report.ts'
import { type Cell, type Section, table } from './section.ts'

const answers = {
  yes: { text: 'yes', tone: 'good' },
  no: { text: 'no', tone: 'bad' },
  not_known: { text: 'not known', tone: 'unsure' },
} as const satisfies Readonly<Record<ChecklistItem['answer'], Cell>>

export function readiness({ checklist }: Report): Section {
  const rows = checklist.map(({ question, answer, evidence }) => [question, answers[answer], evidence])
  const blocks = table('By the evidence of this run', ['question', 'answer', 'evidence, or how to get it'], rows)
  return { id: 'readiness', title: 'Readiness checklist', blocks }
}
