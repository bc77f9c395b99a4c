import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface ProgramNames {
  /** As upstream calls it, then as distributions do. */
  readonly names: readonly string[]
  /** How its version begins, where another program has the same name: Debian's `loki` computes genetic linkage. */
  readonly versionBegins?: string
}

/** The path of an installed program, or undefined. */
export function findProgram({ names, versionBegins }: ProgramNames): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter)
  const paths = names.flatMap((name) => directories.map((directory) => join(directory, name)))
  return paths.find((path) => isExecutable(path) && (versionBegins === undefined || saysVersion(path, versionBegins)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function saysVersion(path: string, begins: string): boolean {
  const { stdout, stderr } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 5_000 })
  return `${stdout ?? ''}${stderr ?? ''}`.startsWith(begins)
}
