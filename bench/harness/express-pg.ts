/** The named peers of a whole machine: bare Express 5 and pg, started by the least of scripts behind the same nginx. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { build } from 'esbuild'
import type { MachineCommand } from './machine.ts'
import type { Stage } from './stage.ts'

const versionOf = (name: string) =>
  (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version
const versions = `Express ${versionOf('express')} and pg ${versionOf('pg')}`

export const fromSources = `bare ${versions} from node_modules`
export const withoutWaiting = `bare ${versions}, nginx started beside it`
export const asBundle = `bare ${versions}, bundled, compile cache`

const contestants = join(import.meta.dirname, '../contestants')
const source = join(contestants, 'express-pg.js')

/** `body`: what it answers. */
export async function expressPgCommand(stage: Stage, variant: string, body: string): Promise<MachineCommand> {
  const bodyFile = join(stage.directory, 'express-pg.json')
  await writeFile(bodyFile, body)
  const env = { NODE_ENV: 'production', DATABASE_URL: stage.databaseUrl }
  const script = variant === withoutWaiting ? 'nginx-beside-node.sh' : 'node-then-nginx.sh'
  const words = (program: string) => ['sh', join(contestants, script), program, bodyFile]
  if (variant !== asBundle) return { words: words(source), env }

  const compileCache = join(stage.directory, 'express-pg-compile-cache')
  const bundle = join(stage.directory, 'express-pg.cjs')
  const withCache = { ...env, NODE_COMPILE_CACHE: compileCache }
  if (!existsSync(compileCache)) {
    await build({
      ...{ entryPoints: [source], outfile: bundle, bundle: true, minify: true },
      ...{ format: 'cjs', platform: 'node', external: ['pg-native'] },
    })
    await fillCompileCache(bundle, bodyFile, { ...withCache, SOCKET_PATH: join(stage.directory, 'warm-up.sock') })
  }
  return { words: words(bundle), env: withCache }
}

async function fillCompileCache(bundle: string, bodyFile: string, env: { SOCKET_PATH: string }): Promise<void> {
  const child = spawn(process.execPath, [bundle, bodyFile], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(child, 'exit')
  while (!existsSync(env.SOCKET_PATH) && child.exitCode === null) await pause(10)
  child.kill('SIGTERM')
  const [code] = await exited
  if (code !== 0) throw new Error(`${bundle} ended with ${code}; its stderr is above`)
}
