import type { Located, Place } from './rule.ts'

export interface Runbook {
  /** Its file's name, which is the alert's. */
  readonly alert: string
  readonly at: Place
  /** Heading → its text. */
  readonly sections: ReadonlyMap<string, Located<string>>
  /** One for each line of its `promql` blocks. */
  readonly queries: readonly Located<string>[]
}

export function readRunbook(file: string, alert: string, text: string): Runbook {
  const sections = new Map<string, Located<string>>()
  const queries: Located<string>[] = []
  let heading = ''
  let isQuery = false
  for (const [index, line] of text.split('\n').entries()) {
    const at = { file, line: index + 1 }
    const found = /^## (.+)$/.exec(line)?.[1]
    if (found !== undefined) {
      heading = found
      sections.set(heading, { value: '', at })
      continue
    }
    if (/^\s*```/.test(line)) isQuery = !isQuery && /^\s*```promql\b/.test(line)
    else if (isQuery && line.trim() !== '') queries.push({ value: line.trim(), at })
    const section = sections.get(heading)
    if (section !== undefined) sections.set(heading, { ...section, value: `${section.value}${line}\n` })
  }
  return { alert, at: { file, line: 1 }, sections, queries }
}
