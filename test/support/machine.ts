import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, inject, onTestFinished } from 'vitest'
import { freePort } from './free-port.ts'
import { isOpen } from './is-open.ts'
import { sessionProcesses } from './session-processes.ts'

type LogLine = Readonly<Record<string, unknown>>

export interface Machine {
  readonly id: string
  readonly port: number
  readonly origin: string
  /** Of the supervisor, which is what a signal of Fly's reaches. */
  readonly pid: number
  /** Every line of standard output: Node's, nginx's and the supervisor's. */
  readonly lines: readonly LogLine[]
  /** What nginx logged: a line per request that it read, but for health that was told with a 200. */
  accessLog(): LogLine[]
  /** Lines of standard output that are no JSON: written by somebody else, or torn. */
  readonly strayLines: readonly string[]
  readonly stderr: () => string
  /** The exit code, once the machine has ended and both streams are read to their ends. */
  exitCode(withinMs?: number): Promise<number | null>
  /** Resolves when the public port is open. */
  opened(): Promise<void>
  /** The first line with this event, now or as soon as it comes. */
  logged(event: string, withinMs?: number): Promise<LogLine>
  signal(name: NodeJS.Signals): void
  /** Each process of the machine, as suspending and resuming it does. */
  signalAll(name: NodeJS.Signals): Promise<void>
  /** Resolves when no process of it is left; rejects if one stays behind that nobody ends. */
  allEnded(): Promise<void>
  processOf(program: 'node' | 'nginx master'): Promise<number>
  [Symbol.asyncDispose](): Promise<void>
}

export interface MachineOptions {
  readonly id?: string
  readonly env: Readonly<Record<string, string>>
  /** A free one when absent. */
  readonly port?: number
  /** Scripts that stand in for ours, by name. */
  readonly standIns?: Readonly<Partial<Record<'server.js' | 'medio.js', string>>>
}

const pollMs = 10
const commandOf = { node: /^node .*\/server\.js$/, 'nginx master': /^nginx: master/ } as const

/**
 * One machine as Fly would start it, for the test that calls this: the supervisor with Node and nginx, in a session and a
 * directory of its own.
 */
export async function startMachine({ id = 'm1', env, port: wanted, standIns }: MachineOptions): Promise<Machine> {
  const directory = await mkdtemp(join(tmpdir(), 'medio-machine-'))
  const [runDirectory, dataDirectory] = [join(directory, 'run'), join(directory, 'data')]
  await Promise.all([mkdir(runDirectory), mkdir(dataDirectory)])
  const port = wanted ?? (await freePort())
  const nginxConf = join(directory, 'nginx.conf')
  await writeFile(nginxConf, await nginxConfFor(port, runDirectory))

  const supervise = join(await programDirectory(directory, standIns), 'supervise')
  const child = spawn(supervise, [], {
    cwd: '/',
    detached: true,
    env: {
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
      NODE_ENV: 'production',
      SOCKET_PATH: join(runDirectory, 'node.sock'),
      NGINX_CONF: nginxConf,
      DATA_DIR: dataDirectory,
      METRICS_PORT: '0',
      FLY_MACHINE_ID: id,
      FLY_REGION: 'iad',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: LogLine[] = []
  const strayLines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    try {
      lines.push(JSON.parse(line) as LogLine)
    } catch {
      strayLines.push(line)
    }
  })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk)
  })
  let ended: { readonly code: number | null } | undefined
  const exited = once(child, 'close').then(([code]) => {
    ended = { code: code as number | null }
  })
  await once(child, 'spawn')
  const pid = child.pid as number
  const processes = () => sessionProcesses(pid)

  async function until<T>(look: () => T | undefined | Promise<T | undefined>, what: string, withinMs = 30_000) {
    for (const deadline = performance.now() + withinMs; performance.now() < deadline; await delay(pollMs)) {
      const found = await look()
      if (found !== undefined) return found
      if (ended) break
    }
    const events = lines.map(({ event }) => event).join(', ')
    const running = (await processes()).map(({ command }) => command).join('; ')
    throw new Error(`${what}${ended ? ', and the machine ended' : ''}\nlogged: ${events}\nruns: ${running}\n${stderr}`)
  }

  async function signalAll(name: NodeJS.Signals): Promise<void> {
    for (const each of await processes()) signalProcess(each.pid, name)
  }

  async function dispose(): Promise<void> {
    while ((await processes()).length > 0) {
      await signalAll('SIGKILL')
      await delay(pollMs)
    }
    await exited
    await rm(directory, { recursive: true, force: true })
  }
  // A test that runs into its time-out never leaves the scope that would dispose of the machine.
  onTestFinished(dispose)

  return {
    id,
    port,
    origin: `http://127.0.0.1:${port}`,
    pid,
    lines,
    accessLog: () => lines.filter(({ event }) => event === 'nginx_request'),
    strayLines,
    stderr: () => stderr,
    async exitCode(withinMs) {
      const { code } = await until(() => ended, 'the machine did not end', withinMs)
      return code
    },
    async opened() {
      await until(async () => ((await isOpen(port)) ? true : undefined), `port ${port} did not open`)
    },
    logged: (event, withinMs) =>
      until(() => lines.find((line) => line.event === event), `${event} was not logged`, withinMs),
    signal: (name) => child.kill(name),
    signalAll,
    async allEnded() {
      // The kernel may still be at it, or the end of one the news of another.
      await expect.poll(processes, { timeout: 10_000 }).toEqual([])
    },
    async processOf(program) {
      const process = await until(
        async () => (await processes()).find(({ command }) => commandOf[program].test(command)),
        `${program} does not run`,
      )
      return process.pid
    },
    [Symbol.asyncDispose]: dispose,
  }
}

function signalProcess(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Gone since it was listed.
  }
}

/** The file that ships, with only what this host must change: the port, the directory and root's workers. */
async function nginxConfFor(port: number, runDirectory: string): Promise<string> {
  const shipped = await readFile(join(inject('appDirectory'), 'nginx.conf'), 'utf8')
  const moved = shipped.replaceAll('/run/medio', runDirectory).replace(/(\blisten\s+(?:\[::\]:)?)5000\b/g, `$1${port}`)
  return process.getuid?.() === 0 ? `user root;\n${moved}` : moved
}

/** Where the supervisor finds its programs: the bundle's directory, or one with stand-ins for some of them. */
async function programDirectory(directory: string, standIns: MachineOptions['standIns']): Promise<string> {
  const shipped = join(inject('appDirectory'), 'dist/bin')
  if (standIns === undefined) return shipped
  const own = join(directory, 'dist/bin')
  await mkdir(own, { recursive: true })
  await cp(join(shipped, 'supervise'), join(own, 'supervise'))
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }')
  for (const name of ['server.js', 'medio.js'] as const) {
    const script = standIns[name]
    if (script === undefined) await symlink(join(shipped, name), join(own, name))
    else await writeFile(join(own, name), script)
  }
  return own
}
