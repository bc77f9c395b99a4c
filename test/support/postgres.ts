import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import { type EmbeddedPostgres, startEmbedded } from '../../src/db/embedded.ts'
import { templateName } from './postgres-setup.ts'

export interface TestDatabase {
  readonly url: string
  /** Also ends the connections that are left. */
  drop(): Promise<void>
}

/** A fresh database with all migrations applied, or an empty one. */
export async function createTestDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`
  const template = options.migrated === false ? 'template0' : templateName
  await asSuperuser(`create database ${name} template ${template}`)
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${name}`
  return { url: url.href, drop: () => asSuperuser(`drop database if exists ${name} with (force)`) }
}

async function asSuperuser(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}

export interface TestServer {
  readonly url: string
  readonly dataDir: string
  readonly pid: number
  /** fast: clients are cut off (57P01); immediate: as in a crash, but orderly (57P02). */
  stop(mode?: 'fast' | 'immediate'): Promise<void>
  /** Again, with the same data at the same address. */
  start(): Promise<void>
  /** SIGKILL: no good-bye. */
  kill(): void
  /** SIGSTOP to the server and all of its backends: sockets stay open, nothing answers. */
  pause(): Promise<void>
  resume(): void
  /** The end of the test: stops the server in whatever state it is, and removes its data. */
  [Symbol.asyncDispose](): Promise<void>
}

/** A server of the test's own, to break. Empty: no migrations. */
export async function startPostgresServer(settings: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const parent = await mkdtemp(join(tmpdir(), 'medio-test-'))
  // For the user that the server of root runs as.
  await chmod(parent, 0o755)
  const options = { directory: join(parent, 'postgres'), settings: { fsync: 'off', ...settings } }
  let server: EmbeddedPostgres | undefined = await startEmbedded(options)
  const { url, dataDir } = server
  const port = Number(new URL(url).port)
  let { pid } = server
  let paused: number[] = []

  function resume(): void {
    for (const process_ of paused.reverse()) signal(process_, 'SIGCONT')
    paused = []
  }

  async function stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    resume()
    if (mode === 'immediate') signal(pid, 'SIGQUIT')
    await server?.stop()
    server = undefined
  }

  return {
    url,
    dataDir,
    get pid() {
      return pid
    },
    stop,
    async start() {
      server = await startEmbedded({ ...options, port })
      pid = server.pid
    },
    kill: () => signal(pid, 'SIGKILL'),
    async pause() {
      // The parent first: it makes no more children then.
      signal(pid, 'SIGSTOP')
      paused = [pid]
      for (const child of await childrenOf(pid)) {
        signal(child, 'SIGSTOP')
        paused.push(child)
      }
    },
    resume,
    async [Symbol.asyncDispose]() {
      await stop()
      await rm(parent, { recursive: true, force: true })
    },
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Already gone.
  }
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: after the name in brackets, state and parent. */
async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const parents = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      return Number(text.slice(text.lastIndexOf(')') + 1).split(' ')[2])
    }),
  )
  return pids.filter((_, index) => parents[index] === parent).map(Number)
}
