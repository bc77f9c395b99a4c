import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** What the image has at /app: the bundle, the migrations and nginx.conf, and no node_modules. */
    appDirectory: string
  }
}

const root = join(import.meta.dirname, '../..')

/** Builds the bundle once for the whole run, and puts what production needs of the project into a directory apart. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: root })
  const appDirectory = await mkdtemp(join(tmpdir(), 'medio-app-'))
  for (const name of ['dist', 'migrations', 'nginx.conf']) {
    await cp(join(root, name), join(appDirectory, name), { recursive: true })
  }
  project.provide('appDirectory', appDirectory)
  return () => rm(appDirectory, { recursive: true, force: true })
}
