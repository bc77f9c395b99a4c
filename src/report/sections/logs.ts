import { logClasses } from '../evidence.ts'
import type { Report } from '../report.ts'
import { counted, inWords } from '../wording.ts'
import { type Block, type Section, table, text } from './section.ts'

export function logs({ evidence: { logs: found } }: Report): Section {
  const heading = { id: 'logs', title: 'Log findings' }
  if (found === undefined) {
    return {
      ...heading,
      blocks: [text('Logs were not looked at: give --logs FILE (JSON lines, or the text of fly logs).')],
    }
  }
  const unread = found.unreadableLines === 0 ? '' : `, ${counted(found.unreadableLines, 'line')} of them not readable`
  const blocks: Block[] = [
    text(`${counted(found.lines, 'line')} of ${found.file}${unread}.`),
    ...table(
      'Lines by class',
      ['class', 'lines #'],
      logClasses.map((name) => [name.replaceAll('_', ' '), inWords(found.classes[name].count)]),
    ),
    ...logClasses.flatMap((name): Block[] => {
      const { examples } = found.classes[name]
      return examples.length === 0
        ? []
        : [text(`For example, ${name.replaceAll('_', ' ')}:`), { kind: 'lines', lines: examples }]
    }),
  ]
  return { ...heading, blocks }
}
