import { existsSync, mkdirSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderHtml } from '../report/format/html.ts'
import { renderJson } from '../report/format/json.ts'
import { renderJunit } from '../report/format/junit.ts'
import { renderMarkdown } from '../report/format/markdown.ts'
import type { Report } from '../report/report.ts'

const renderers: Readonly<Record<string, (report: Report) => string>> = {
  'report.md': renderMarkdown,
  'report.html': renderHtml,
  'report.json': renderJson,
  'junit.xml': renderJunit,
}

export const observationsPath = (directory: string) => join(directory, 'observations.jsonl')

/**
 * Makes the directory. Undefined, or why it can't take a run: its observations and its reports have to be of one and the
 * same, so what is there is neither mixed with new ones nor thrown away.
 */
export function prepareDirectory(
  directory: string,
  /** `continues`: what is there is a part of this run. `replayed`: this very file may be there. */
  run: { readonly continues: boolean; readonly replayed?: string },
): string | undefined {
  try {
    mkdirSync(directory, { recursive: true })
    const path = observationsPath(directory)
    const isFree = run.continues || !existsSync(path) || statSync(path).size === 0
    if (isFree || (run.replayed !== undefined && isSameFile(run.replayed, path))) return undefined
    return `--out ${directory} holds the observations of another run; name another directory`
  } catch (error) {
    return `--out ${directory} can't be used (${error instanceof Error ? error.message : String(error)})`
  }
}

export const isSameFile = (one: string, other: string) =>
  existsSync(one) && existsSync(other) && realpathSync(one) === realpathSync(other)

/** Writes the reports, whole or not at all; those of several targets into a folder each. Tells their directories. */
export function writeReports(directory: string, reports: readonly Report[]): readonly string[] {
  const folders = new Set<string>()
  return reports.map((report) => {
    const folder = reports.length === 1 ? directory : join(directory, folderOf(report.target, folders))
    mkdirSync(folder, { recursive: true })
    for (const [name, render] of Object.entries(renderers)) {
      const path = join(folder, name)
      const unfinished = `${path}.${process.pid}.tmp`
      writeFileSync(unfinished, render(report))
      renameSync(unfinished, path)
    }
    return folder
  })
}

/** A target may be any text; two of them may look alike without what no file name should have. */
function folderOf(target: string, taken: Set<string>): string {
  const plain =
    target
      .replaceAll(/[^\w.-]+/g, '-')
      .replaceAll(/^[.-]+|-+$/g, '')
      .slice(0, 100) || 'target'
  let folder = plain
  for (let number = 2; taken.has(folder); number += 1) folder = `${plain}-${number}`
  taken.add(folder)
  return folder
}
