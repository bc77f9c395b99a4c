/** One file that opens offline: no script, no request, charts as SVG within. */
import { chartStyle } from '../../charts/chart-style.ts'
import { xmlText } from '../../charts/svg.ts'
import type { Report } from '../report.ts'
import type { Block, Cell, Column, Section, Table } from '../sections/section.ts'
import { sectionsOf } from '../sections.ts'
import { notEnough } from '../wording.ts'
import { htmlStyle } from './html-style.ts'

/** Even if something slipped through the escaping, no browser would run or fetch it. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

export function renderHtml(report: Report): string {
  const sections = sectionsOf(report)
  const links = sections.map(({ id, title }) => `<li><a href="#${id}">${xmlText(title)}</a></li>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Monitoring report: ${xmlText(report.target)}</title>
<style>
${htmlStyle}${chartStyle}</style>
</head>
<body>
<header>
<h1>Monitoring report</h1>
<nav aria-label="Sections"><ul>${links.join('')}</ul></nav>
</header>
<main>
${sections.map(sectionMarkup).join('\n')}
</main>
</body>
</html>
`
}

function sectionMarkup({ id, title, blocks }: Section): string {
  const content = blocks.map((block) => blockMarkup(block)).join('\n')
  return `<section aria-labelledby="${id}">\n<h2 id="${id}">${xmlText(title)}</h2>\n${content}\n</section>`
}

function blockMarkup(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p>${xmlText(block.text)}</p>`
    case 'verdict':
      return `<p class="verdict ${block.tone}">${xmlText(block.text)}</p>`
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${xmlText(item)}</li>`).join('')}</ul>`
    case 'lines':
      return `<pre tabindex="0">${xmlText(block.lines.join('\n'))}</pre>`
    case 'table':
      return tableMarkup(block)
    case 'chart':
      return `<figure><figcaption>${xmlText(block.caption)}</figcaption>${scrolling(block.caption, block.svg)}</figure>`
  }
}

/** By itself where it is wider than the page, by keyboard too. */
const scrolling = (label: string, markup: string): string =>
  `<div class="scroll" role="region" aria-label="${xmlText(label)}" tabindex="0">${markup}</div>`

function tableMarkup({ caption, columns, rows }: Table): string {
  const heads = columns.map((column) => `<th scope="col"${classOf('', column)}>${xmlText(column.title)}</th>`)
  const body = rows.map((row) => `<tr>${row.map((cell, index) => cellMarkup(cell, columns[index])).join('')}</tr>`)
  const table = `<table><caption>${xmlText(caption)}</caption><thead><tr>${heads.join('')}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`
  return scrolling(caption, table)
}

function cellMarkup(cell: Cell, column: Column | undefined): string {
  const text = typeof cell === 'string' ? cell : cell.text
  const tone = typeof cell === 'string' ? lookOf(text) : cell.tone
  return `<td${classOf(tone, column)}>${xmlText(text)}</td>`
}

/** A word or a time is kept on its line, a sentence gets room. */
function lookOf(text: string): '' | 'word' | 'long' | 'none' {
  if (text === notEnough) return 'none'
  if (text.length <= 24) return 'word'
  return text.length > 60 ? 'long' : ''
}

function classOf(tone: string, column: Column | undefined): string {
  const classes = [tone, column?.figure === true ? 'figure' : ''].filter((name) => name !== '')
  return classes.length === 0 ? '' : ` class="${classes.join(' ')}"`
}
