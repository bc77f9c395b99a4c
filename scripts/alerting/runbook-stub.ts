import type { Alert } from '../../src/slo/alert.ts'
import { thisMachine } from '../../src/slo/alert-texts.ts'
import type { GeneratedFile } from '../generated-file.ts'
import { runbookOf } from './prometheus-rules.ts'

/** The sections that every runbook has, in the order in which a person needs them. */
export const runbookSections = ['Meaning', 'Check', 'Fix', 'Escalate'] as const

/** What is known from the declaration. The rest is for the person who declares the alert. */
export function runbookStub({ name, summary, description, query }: Alert): GeneratedFile {
  const plain = (text: string) => text.replaceAll(thisMachine, 'X').replaceAll(/\{\{[^}]*\}\}/g, 'X')
  const sections = {
    Meaning: `${plain(summary)}. ${description}`,
    Check: `\`\`\`promql\n${plain(query)}\n\`\`\``,
    Fix: 'TODO',
    Escalate: 'TODO',
  } satisfies Record<(typeof runbookSections)[number], string>
  const text = runbookSections.map((section) => `## ${section}\n${sections[section]}`).join('\n\n')
  return { path: runbookOf(name), text: `# ${name}\n\n${text}\n`, isStub: true }
}
