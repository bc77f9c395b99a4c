import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export interface EndedProgram {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A program of src/bin from its start to its end, with this environment and no other. */
export async function runProgram(
  name: 'server' | 'medio',
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<EndedProgram> {
  const child = spawn(process.execPath, [`src/bin/${name}.ts`, ...words], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number | null, stdout, stderr }
}
