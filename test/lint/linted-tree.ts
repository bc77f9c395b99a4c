import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LintReport, lint } from '../../src/lint/lint.ts'

/** A text of a file, which stands there once, and what takes its place. */
export type Edit = readonly [file: string, from: string, to: string]

/** All agrees in it. */
export const goodTree = join(import.meta.dirname, 'good')

/** A copy of the good tree with these edits; `use` gets its directory, and then it is gone. */
export async function withTree<Result>(
  edits: readonly Edit[],
  use: (directory: string) => Result | Promise<Result>,
): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), 'medio-lint-'))
  try {
    cpSync(goodTree, directory, { recursive: true })
    for (const [file, from, to] of edits) {
      const path = join(directory, file)
      const parts = readFileSync(path, 'utf8').split(from)
      if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${from}`)
      writeFileSync(path, parts.join(to))
    }
    return await use(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

export const lintedTree = (edits: readonly Edit[]): Promise<LintReport> => withTree(edits, lint)
