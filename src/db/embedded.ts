import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { serverAccount } from './embedded-account.ts'
import { embeddedBinaries } from './embedded-binaries.ts'
import { type Cluster, isAlive, openCluster } from './embedded-cluster.ts'
import { type ServerProcess, spawnServer } from './embedded-server.ts'
import { on } from './system-error.ts'

export interface EmbeddedOptions {
  /** Keeps the data. Where the server's account can't enter it (root only), a directory below the temporary one does. */
  readonly directory: string
  /** Gets every line that the server writes. */
  readonly log?: (line: string) => void
  /** Server settings by name; they win over ours. */
  readonly settings?: Readonly<Record<string, string>>
  /** Absent: any free port. */
  readonly port?: number
}

export interface EmbeddedPostgres {
  readonly url: string
  /** Of the server itself. */
  readonly pid: number
  readonly dataDir: string
  /** Fast shutdown; resolves when the server has ended. */
  stop(): Promise<void>
}

const startTimeoutMs = 30_000
const stopTimeoutMs = 10_000
const leftoverTimeoutMs = 5_000
const attempts = 5
/** A setting of ours that names the process that started the server. */
const ownerSetting = 'medio.owner'

/**
 * A real Postgres for development and tests, from binaries that npm installed. It ends with this process, however
 * this process ends. Resolves when a client can connect.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { directory, settings = {} } = options
  const account = await serverAccount()
  const binaries = await embeddedBinaries(account)
  const sync = settings.fsync !== 'off'
  const cluster = await openCluster({ directory, account, initdb: binaries.initdb, sync })
  await settleLeftover(cluster, directory)

  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    const command = [binaries.postgres, '-D', cluster.dataDir, '-p', String(port), ...toArguments(settings)]
    const server = spawnServer(command, account, options.log)
    if (await becomesReady(server, urlOf(cluster, port))) {
      const pid = (await readPidFile(cluster))?.pid
      if (pid === undefined) throw new Error(`embedded Postgres: ${cluster.dataDir}/postmaster.pid is gone`)
      return { url: urlOf(cluster, port), pid, dataDir: cluster.dataDir, stop: () => stop(server, pid) }
    }
    const said = server.tail.join('\n')
    if (/lock file "postmaster\.pid" already exists/.test(said))
      throw inUse(directory, (await readPidFile(cluster))?.pid)
    // Somebody took the free port first, or the processes of a killed server are not all gone yet.
    const transient = /could not create any TCP\/IP sockets|pre-existing shared memory block/.test(said)
    if (!transient || attempt === attempts) {
      throw new Error(`embedded Postgres: the server in ${cluster.dataDir} did not start; its last lines:\n${said}`)
    }
    await delay(100 * attempt)
  }
}

function toArguments(settings: Readonly<Record<string, string>>): string[] {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_preload_libraries: 'pg_stat_statements',
    timezone: 'UTC',
    log_timezone: 'UTC',
    [ownerSetting]: String(process.pid),
    ...settings,
  }
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

function urlOf(cluster: Cluster, port: number): string {
  return `postgres://postgres:${cluster.password}@127.0.0.1:${port}/postgres`
}

async function becomesReady(server: ServerProcess, url: string): Promise<boolean> {
  const deadline = performance.now() + startTimeoutMs
  while (!server.hasExited()) {
    if ((await ownerOf(url)) === process.pid) return true
    if (performance.now() > deadline) {
      server.end()
      await server.exited
    }
    await Promise.race([delay(10), server.exited])
  }
  return false
}

/** The process that started the server at `url`, by the server's own word; undefined while it does not answer. */
async function ownerOf(url: string): Promise<number | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {
    // The socket may fail once more after connect() has.
  })
  try {
    await client.connect()
    const { rows } = await client.query<{ owner: string }>(`select current_setting('${ownerSetting}') as owner`)
    await client.end()
    return Number(rows[0]?.owner)
  } catch {
    // Any failure means "not yet" or "no longer"; the reason is in the server's own lines.
    return undefined
  }
}

/**
 * A server that still runs here is another service's (an error), or its owner was killed and it is about to end.
 * Only a server that takes our password gets a signal: the process of that id may be one that got it later.
 */
async function settleLeftover(cluster: Cluster, directory: string): Promise<void> {
  const deadline = performance.now() + leftoverTimeoutMs
  while (performance.now() < deadline) {
    const leftover = await readPidFile(cluster)
    if (leftover === undefined || !isAlive(leftover.pid)) return
    const owner = await ownerOf(urlOf(cluster, leftover.port))
    if (owner !== undefined && isAlive(owner)) throw inUse(directory, leftover.pid)
    if (owner !== undefined) process.kill(leftover.pid, 'SIGINT')
    await delay(20)
  }
  // Still unproven: Postgres itself judges whether the file is stale.
}

function inUse(directory: string, pid: number | undefined): Error {
  return new Error(
    `embedded Postgres: ${directory} is in use by another service (its Postgres is process ${pid ?? 'unknown'}); ` +
      'stop that service, or give this one another DATA_DIR',
  )
}

/** https://www.postgresql.org/docs/18/storage-file-layout.html: line 1 is the process id, line 4 the port. */
async function readPidFile(cluster: Cluster): Promise<{ pid: number; port: number } | undefined> {
  const text = await readFile(join(cluster.dataDir, 'postmaster.pid'), 'utf8').catch(on(['ENOENT'], ''))
  const lines = text.split('\n')
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  return pid > 0 && port > 0 ? { pid, port } : undefined
}

async function stop(server: ServerProcess, pid: number): Promise<void> {
  server.end()
  await Promise.race([server.exited, delay(stopTimeoutMs, undefined, { ref: false })])
  // An immediate shutdown: the next start recovers from the log, as after a crash.
  if (!server.hasExited()) process.kill(pid, 'SIGQUIT')
  await server.exited
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('embedded Postgres: no free port on 127.0.0.1')
  return address.port
}
