import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { vi } from 'vitest'
import { freePort } from './free-port.ts'
import { isOpen } from './is-open.ts'

/** One line of the access log. */
export type NginxLine = Readonly<Record<string, string | number>>

export interface NginxOptions {
  /** Of the service behind nginx; it need not be there yet. */
  readonly upstreamSocket: string
  /** What to write instead in the copy of nginx.conf; each text must be there, once. */
  readonly changes?: Readonly<Record<string, string>>
  /** Runs as this user, whom nothing but its own directory belongs to; else as the user of the test. */
  readonly uid?: number
}

export interface RunningNginx {
  readonly port: number
  readonly url: string
  /** What is /run/medio in production. */
  readonly runDirectory: string
  readonly configPath: string
  /** Of the master process. */
  readonly pid: number
  /** The code with which it ended. */
  readonly exited: Promise<number | null>
  signal(name: NodeJS.Signals): void
  stderr(): Promise<string>
  /** Standard output so far, as it is; lines come up to a second late. */
  accessLog(): Promise<string>
  /** The line of the request with this id, as soon as it is written. */
  logged(requestId: string): Promise<NginxLine>
  [Symbol.asyncDispose](): Promise<void>
}

const projectConf = join(import.meta.dirname, '../../nginx.conf')
/** Generous: on a loaded machine. */
const waitMs = 15_000

/** Real nginx with the project's nginx.conf, in front of a service on a Unix socket, in a directory and on a port of its own. */
export async function startNginx({ upstreamSocket, changes = {}, uid }: NginxOptions): Promise<RunningNginx> {
  const runDirectory = await mkdtemp(join(tmpdir(), 'medio-nginx-'))
  const configPath = join(runDirectory, 'nginx.conf')
  const port = await freePort()
  const text = changed(await readFile(projectConf, 'utf8'), { ...changes, ...movedTo(port, upstreamSocket) })
  const isRoot = process.getuid?.() === 0 && uid === undefined
  // Without it the workers of root's nginx run as nobody, who may not write into the directory.
  await writeFile(configPath, (isRoot ? 'user root;\n' : '') + text.replaceAll('/run/medio', runDirectory))

  // Files: nginx opens /dev/stdout anew, and the pipes of child_process are sockets, which can't be.
  const [stdoutPath, stderrPath] = [join(runDirectory, 'stdout'), join(runDirectory, 'stderr')]
  const [stdout, stderr] = await Promise.all([open(stdoutPath, 'a'), open(stderrPath, 'a')])
  if (uid !== undefined) {
    await Promise.all([runDirectory, stdoutPath, stderrPath].map((path) => chown(path, uid, uid)))
    await chmod(runDirectory, 0o700)
  }
  const words = ['nginx', '-e', 'stderr', '-c', configPath]
  const asUser = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--']
  const [program = '', ...args] = uid === undefined ? words : [...asUser, ...words]
  const child = spawn(program, args, { stdio: ['ignore', stdout.fd, stderr.fd] })
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  await once(child, 'spawn')
  await Promise.all([stdout.close(), stderr.close()])
  const ended = () => child.exitCode !== null || child.signalCode !== null

  async function dispose(): Promise<void> {
    child.kill('SIGTERM')
    await exited
    await rm(runDirectory, { recursive: true })
  }

  await vi
    .waitUntil(async () => ended() || (await isOpen(port)), { timeout: waitMs })
    .catch(() => child.kill('SIGKILL'))
  if (ended() || child.killed) {
    const reason = await readFile(stderrPath, 'utf8')
    await dispose()
    throw new Error(`nginx did not start; it said: ${reason}`)
  }

  const accessLog = () => readFile(stdoutPath, 'utf8')
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    runDirectory,
    configPath,
    pid: child.pid as number,
    exited,
    signal: (name) => child.kill(name),
    stderr: () => readFile(stderrPath, 'utf8'),
    accessLog,
    async logged(requestId) {
      const found = async () => {
        // The last one is empty, or not whole yet.
        const lines = (await accessLog()).split('\n').slice(0, -1)
        return lines.find((line) => line.includes(`"${requestId}"`))
      }
      return JSON.parse(await vi.waitUntil(found, { timeout: waitMs })) as NginxLine
    },
    [Symbol.asyncDispose]: dispose,
  }
}

/** What a host other than the machine has to write instead. */
function movedTo(port: number, upstreamSocket: string): Readonly<Record<string, string>> {
  return {
    'listen 5000;': `listen ${port};`,
    'listen [::]:5000;': `listen [::]:${port};`,
    'unix:/run/medio/node.sock': `unix:${upstreamSocket}`,
    'unix:/run/medio/./node.sock': `unix:${dirname(upstreamSocket)}/./${basename(upstreamSocket)}`,
  }
}

function changed(text: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((before, [from, to]) => {
    const parts = before.split(from)
    if (parts.length !== 2)
      throw new Error(`nginx.conf has "${from}" ${parts.length - 1} times; change the test to match`)
    return parts.join(to)
  }, text)
}
