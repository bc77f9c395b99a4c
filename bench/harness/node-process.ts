/** One Node process on a core of its choice, ended with the benchmark at the latest. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

export interface NodeProcessOptions {
  readonly core: number
  /** Script first, then its arguments. */
  readonly args: readonly string[]
  /** The whole environment: nothing is inherited, so that two machines run the same thing. */
  readonly env?: Readonly<Record<string, string>>
  /** Lets parent and child exchange messages; costs the child a little at its start. */
  readonly channel?: boolean
}

/** Ends when its scope does: `await using server = await startNode(…)`. */
export interface NodeProcess extends AsyncDisposable {
  readonly pid: number
  readonly child: ChildProcess
}

/** Its stdout is a pipe that is read and thrown away: log lines cost the writer what they cost in production. */
export async function startNode(options: NodeProcessOptions): Promise<NodeProcess> {
  const child = launch(options)
  outputOf(child).resume()
  await once(child, 'spawn')
  return {
    pid: pidOf(child),
    child,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      const deadline = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await exited
      clearTimeout(deadline)
    },
  }
}

/** Runs a script to its end and reads the one JSON value that it prints. */
export async function runNode<T>(options: NodeProcessOptions): Promise<T> {
  const child = launch(options)
  const [output, [exitCode]] = await Promise.all([text(outputOf(child)), once(child, 'exit')])
  if (exitCode !== 0) throw new Error(`${options.args[0]} ended with ${exitCode}; its stderr is above`)
  return JSON.parse(output) as T
}

function launch({ core, args, env = {}, channel = false }: NodeProcessOptions): ChildProcess {
  // taskset replaces itself by Node, so the pid is the server's.
  const child = spawn('taskset', ['-c', String(core), process.execPath, ...args], {
    env: { NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'inherit', ...(channel ? (['ipc'] as const) : [])],
  })
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.removeListener('exit', end))
  return child
}

function outputOf({ stdout }: ChildProcess): Readable {
  if (stdout === null) throw new Error('a process without a pipe for its output')
  return stdout
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('a process without an id: it did not start')
  return child.pid
}
