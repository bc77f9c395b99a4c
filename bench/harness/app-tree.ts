/** What the image has at /app, in a directory of the run: a build that goes on beside can't pull it away. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readDockerfile } from '../../src/lint/dockerfile.ts'
import { bundlePath } from './medio.ts'
import type { Stage } from './stage.ts'

const root = join(import.meta.dirname, '../..')

export interface AppTree {
  readonly directory: string
  readonly compileCache: string
  /** What the Dockerfile sets. */
  readonly env: Readonly<Record<string, string>>
}

/** Copied and baked once a run. */
export async function appTree(stage: Stage): Promise<AppTree> {
  const directory = join(stage.directory, 'app')
  const compileCache = join(directory, 'compile-cache')
  if (!existsSync(compileCache)) {
    bundlePath()
    for (const name of ['dist', 'migrations', 'nginx.conf']) {
      await cp(join(root, name), join(directory, name), { recursive: true })
    }
    await mkdir(compileCache)
    const bake = join(root, 'scripts/image/bake-compile-cache.ts')
    await promisify(execFile)(process.execPath, [bake, compileCache], { cwd: directory })
  }
  return { directory, compileCache, env: imageEnvironment() }
}

function imageEnvironment(): Readonly<Record<string, string>> {
  const { value, problems } = readDockerfile('Dockerfile', readFileSync(join(root, 'Dockerfile'), 'utf8'))
  if (value === undefined) throw new Error(`the Dockerfile can't be read: ${JSON.stringify(problems)}`)
  return Object.fromEntries(Array.from(value.environment, ([name, { value }]) => [name, value]))
}
