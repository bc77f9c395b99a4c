import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

export const projectRoot = join(import.meta.dirname, '../..')

/** Walks the disk and doesn't ask git, so that an archive, or a checkout of another user, tests the same. */
export function projectFiles(pattern = /./): string[] {
  return walk(projectRoot).filter((path) => pattern.test(path))
}

export function readProjectFile(path: string): string {
  return readFileSync(join(projectRoot, path), 'utf8')
}

const ignoredDirectories = new Set(['.git', ...ignoredByGit((line) => line.endsWith('/'))])
const ignoredExtensions = ignoredByGit((line) => line.startsWith('*.')).map((line) => line.slice(1))

function ignoredByGit(wanted: (line: string) => boolean): string[] {
  return readProjectFile('.gitignore')
    .split('\n')
    .filter(wanted)
    .map((line) => line.replace(/\/$/, ''))
}

function walk(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const { name } = entry
    if (ignoredDirectories.has(name) || ignoredExtensions.some((extension) => name.endsWith(extension))) return []
    const path = join(directory, name)
    return entry.isDirectory() ? walk(path) : [relative(projectRoot, path)]
  })
}
