import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Observation } from '../../src/observation/observation.ts'
import type { EndedProgram } from './program.ts'

export interface MonitorProcess {
  /** Of `--out`. */
  readonly directory: string
  readonly ended: Promise<EndedProgram & { readonly signal: NodeJS.Signals | null }>
  /** Lines of observations.jsonl so far. */
  observations(): Observation[]
  read(file: string): string
  files(): string[]
  signal(name: NodeJS.Signals): void
  /** Nobody reads what it says any more. */
  deafen(): void
  [Symbol.asyncDispose](): Promise<void>
}

/** `medio monitor` as a process of its own, with a directory for its reports. */
export function startMonitor(
  words: readonly string[],
  options: { env?: Readonly<Record<string, string>>; directory?: string } = {},
): MonitorProcess {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'medio-monitor-'))
  const child = spawn(process.execPath, ['src/bin/medio.ts', 'monitor', ...words, '--out', directory], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env.PATH, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const told = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk) => {
      told[name] += String(chunk)
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => ({
    ...told,
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }))
  const read = (file: string) => readFileSync(join(directory, file), 'utf8')

  return {
    directory,
    ended,
    observations() {
      if (!readdirSync(directory).includes('observations.jsonl')) return []
      const lines = read('observations.jsonl').split('\n')
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Observation)
    },
    read,
    files: () => readdirSync(directory, { recursive: true }).map(String).sort(),
    signal: (name) => child.kill(name),
    deafen() {
      child.stdout.destroy()
      child.stderr.destroy()
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
