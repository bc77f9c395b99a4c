/** One machine: nginx with the project's configuration, Node behind it on a Unix socket, and what starts them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import { appTree } from './app-tree.ts'
import { type Cgroup, type CgroupLimits, createCgroup } from './cgroup.ts'
import { medioEnv } from './medio.ts'
import { serverCore } from './pinning.ts'
import type { Stage } from './stage.ts'

/** What starts the machine: a program with its arguments, and its variables beside those that every machine has. */
export interface MachineCommand {
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** The configuration of nginx; the one that ships when absent. */
  readonly nginxConf?: string
}

/** Ends with all its processes when its scope does. */
export interface Machine extends AsyncDisposable {
  /** The public one, nginx's. */
  readonly port: number
  readonly origin: string
  readonly socketPath: string
  readonly cgroup: Cgroup
  /** Rejects when its first process ends. */
  readonly ended: Promise<never>
  /** Executes the command. Milliseconds of `performance.now()` at that, and what the group had spent before. */
  start(): { readonly atMs: number; readonly cpuMs: number }
}

/** The supervisor of the image, in the environment of a production machine. */
export async function medioCommand(stage: Stage, env: Readonly<Record<string, string>> = {}): Promise<MachineCommand> {
  const app = await appTree(stage)
  return {
    words: [join(app.directory, 'dist/bin/supervise')],
    env: {
      ...app.env,
      ...medioEnv(stage, { http: 0, metrics: 0 }, { PORT: '', NODE_COMPILE_CACHE: app.compileCache, ...env }),
    },
  }
}

const script = join(import.meta.dirname, 'join-and-exec.sh')

/** All is ready but its first process, which waits to be told. On the server core: a machine has one. */
export async function prepareMachine(stage: Stage, command: MachineCommand, limits?: CgroupLimits): Promise<Machine> {
  const app = await appTree(stage)
  const directory = await mkdtemp(join(stage.directory, 'machine-'))
  const [runDirectory, dataDirectory] = [join(directory, 'run'), join(directory, 'data')]
  await Promise.all([mkdir(runDirectory), mkdir(dataDirectory)])
  const [port, nginxConf] = [await freePort(), join(directory, 'nginx.conf')]
  const socketPath = join(runDirectory, 'node.sock')
  await writeFile(
    nginxConf,
    await nginxConfOf(command.nginxConf ?? join(app.directory, 'nginx.conf'), port, runDirectory),
  )

  const cgroup = createCgroup(limits)
  const child = spawn(
    'taskset',
    ['-c', String(serverCore), 'sh', script, ...cgroup.joinFiles, '--', ...command.words],
    {
      env: {
        ...command.env,
        PATH: `${dirname(process.execPath)}${delimiter}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
        SOCKET_PATH: socketPath,
        NGINX_CONF: nginxConf,
        DATA_DIR: dataDirectory,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const exited = once(child, 'exit')
  const ended = exited.then(([code]) => {
    throw new Error(`${command.words.join(' ')} ended with ${code}; its stderr is above`)
  })
  // Nobody waits for it at its proper end.
  ended.catch(() => undefined)
  // Its first line says that it has joined; the rest is the log, which is read and thrown away.
  await Promise.race([once(child.stdout, 'data'), ended])
  child.stdout.resume()

  return {
    ...{ port, origin: `http://127.0.0.1:${port}`, socketPath, cgroup, ended },
    start() {
      const before = { atMs: performance.now(), cpuMs: cgroup.cpuMs() }
      child.stdin.end('\n')
      return before
    },
    async [Symbol.asyncDispose]() {
      cgroup[Symbol.dispose]()
      await exited
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The file with only what this host must change: the port, the directory and root's workers. */
async function nginxConfOf(file: string, port: number, runDirectory: string): Promise<string> {
  const text = await readFile(file, 'utf8')
  const moved = text.replaceAll('/run/medio', runDirectory).replace(/(\blisten\s+(?:\[::\]:)?)5000\b/g, `$1${port}`)
  return `user root;\n${moved}`
}
