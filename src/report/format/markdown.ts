/** For a repository, an issue or a terminal: tables in columns, and nothing from outside that could become markup. */
import type { Report } from '../report.ts'
import type { Block, Cell, Section, Table } from '../sections/section.ts'
import { sectionsOf } from '../sections.ts'

export function renderMarkdown(report: Report): string {
  const blocks = ['# Monitoring report', ...sectionsOf(report).flatMap(sectionBlocks)]
  return `${blocks.join('\n\n')}\n`
}

function sectionBlocks({ title, blocks }: Section): string[] {
  return [`## ${title}`, ...blocks.flatMap((block) => blockText(block))]
}

function blockText(block: Block): string[] {
  switch (block.kind) {
    case 'text':
      return [escaped(block.text)]
    case 'verdict':
      return [`**${escaped(block.text)}**`]
    case 'list':
      return [block.items.map((item) => `- ${escaped(item)}`).join('\n')]
    case 'lines':
      return [fenced(block.lines)]
    case 'table':
      return [`${escaped(block.caption)}:`, tableText(block)]
    case 'chart':
      return []
  }
}

function tableText({ columns, rows }: Table): string {
  const written = rows.map((row) => row.map((cell) => escapedCell(textOf(cell)) || ' '))
  const heads = columns.map(({ title }) => escapedCell(title))
  const widths = heads.map((head, column) =>
    Math.min(widest, Math.max(3, ...[head, ...written.map((row) => row[column] ?? '')].map((cell) => cell.length))),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => pad(cell, widths[column] ?? 0, columns[column]?.figure ?? false)).join(' | ')} |`
  const rule = columns.map(({ figure }, column) => `${'-'.repeat((widths[column] ?? 3) - 1)}${figure ? ':' : '-'}`)
  return [line(heads), `| ${rule.join(' | ')} |`, ...written.map(line)].join('\n')
}

/** A longer cell, a sentence, breaks the columns to its right for its own line only. */
const widest = 60

const pad = (cell: string, width: number, figure: boolean) => (figure ? cell.padStart(width) : cell.padEnd(width))

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text)

/** A backslash before what could begin markup within a line (CommonMark 2.4); line ends would end a row. */
function escapedCell(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(controls, ' ')
    .replaceAll(/[\\`*[\]|~#@]|<(?=[a-z/!?])|&(?=[#a-z])|(?<![a-z0-9])_|_(?![a-z0-9])/gi, '\\$&')
}

/** The same, and what could make a list, a quote or a heading of a paragraph. */
const escaped = (text: string): string =>
  escapedCell(text)
    .replace(/^(\s*)([-+=>])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])/, '$1\\$2')

// biome-ignore lint/suspicious/noControlCharactersInRegex: they would act on a terminal, or end the line.
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g

/** Longer than any run of backticks within, so that nothing within ends it. */
function fenced(lines: readonly string[]): string {
  const shown = lines.map((line) => line.toWellFormed().replaceAll(controls, ' '))
  const longest = Math.max(2, ...shown.flatMap((line) => (line.match(/`+/g) ?? []).map(({ length }) => length)))
  const fence = '`'.repeat(longest + 1)
  return [`${fence}text`, ...shown, fence].join('\n')
}
