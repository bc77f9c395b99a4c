import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, fchownSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BuiltImage } from './build-image.ts'
import { forwardPort } from './forward-port.ts'
import { contained, run, withUs } from './run.ts'

/** The image's root file system, running: read-only but for two directories, with PID 1 and an address of its own. */
export interface Container {
  readonly address: string
  /** Its PID 1, as this host counts. */
  readonly pid: number
  /** The exit code of PID 1; null when a signal ended it. */
  readonly exited: Promise<number | null>
  /** What it wrote so far, to standard output and error. */
  output(): string
  signal(name: NodeJS.Signals): void
  /** Runs a command inside, as the image's user; resolves with its standard output. */
  inside(command: readonly string[]): Promise<string>
  /** Ends it at once, if it has not ended; its mounts and its network go with it. */
  [Symbol.asyncDispose](): Promise<void>
}

/** What the image may write to. */
const writableDirectories = ['/run/medio', '/data']

export interface ContainerOptions {
  /** A file for what it says. */
  readonly logPath: string
  /** In place of the image's own, as Fly's release command is; the entry point stays. */
  readonly command?: readonly string[]
  /** Gets the address at which the container finds this host. */
  readonly env?: (hostAddress: string) => Readonly<Record<string, string>>
  /** Ports of this host's loopback that the container finds at that address. */
  readonly ports?: readonly number[]
  /** Ends it at once. */
  readonly signal?: AbortSignal
}

/** Starts the image as its metadata says, with no environment but the image's and `env`. */
export async function startContainer(image: BuiltImage, options: ContainerOptions): Promise<Container> {
  const { entrypoint, command, env, uid, gid, workingDirectory } = image.config
  const { link, hostAddress, address } = pickNetwork()
  const variables = Object.entries({ ...env, ...options.env?.(hostAddress) }).map(([name, value]) => `${name}=${value}`)
  const program = ['env', '-i', '-C', workingDirectory, ...variables, ...entrypoint, ...(options.command ?? command)]
  const [first, ...words] = [
    ...[...withUs, ...contained, '--net', '--uts', '--ipc', join(import.meta.dirname, 'enter-container.sh')],
    ...[image.root, String(uid), String(gid), link, `${hostAddress}/30`, `${address}/30`],
    ...[...writableDirectories, '--', ...program],
  ] as const

  const log = openSync(options.logPath, 'a')
  // As Fly's init and container engines do: else the image's user may not open /dev/stdout.
  fchownSync(log, uid, gid)
  const hostNetwork = openSync('/proc/self/ns/net', 'r')
  const child = spawn(first, words, { stdio: ['pipe', log, log, hostNetwork, 'pipe'] })
  options.signal?.addEventListener('abort', () => child.kill('SIGKILL'))
  closeSync(hostNetwork)
  closeSync(log)
  const output = () => readFileSync(options.logPath, 'utf8')
  let ended = false
  const exited = once(child, 'exit').then(([code]) => {
    ended = true
    return code as number | null
  })
  const [start, , , , up] = child.stdio as unknown as [NodeJS.WritableStream, null, null, null, NodeJS.ReadableStream]
  await Promise.race([once(up, 'data'), exited])
  if (ended) throw new Error(`the container did not start: ${output()}`)
  const forwards = await Promise.all(options.ports?.map((port) => forwardPort(hostAddress, port)) ?? [])
  const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8'))
  start.end('\n')

  return {
    address,
    pid,
    exited,
    output,
    signal: (name) => process.kill(pid, name),
    inside(command_) {
      const user = ['--setuid', String(uid), '--setgid', String(gid)]
      return run(['nsenter', '--target', String(pid), '--all', '--root', '--wd', ...user, '--', ...command_])
    },
    async [Symbol.asyncDispose]() {
      if (!ended) child.kill('SIGKILL')
      await exited
      for (const forward of forwards) forward[Symbol.dispose]()
    },
  }
}

/** Two addresses of 198.18.0.0/15, which no network of the world uses: it is for tests (RFC 2544). */
function pickNetwork() {
  const number = randomInt(2 ** 15)
  const prefix = `198.${18 + (number >> 14)}.${(number >> 6) & 255}.`
  const base = (number & 63) * 4
  return { link: `medio${number}`, hostAddress: `${prefix}${base + 1}`, address: `${prefix}${base + 2}` }
}
