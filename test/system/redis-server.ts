import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { vi } from 'vitest'

const run = promisify(execFile)
export const redisPassword = 'test-password'

export type RedisServer = Awaited<ReturnType<typeof startRedisServer>>

/** A real redis-server of the test's own, on loopback and with a password. `settings`: as in redis.conf. */
export async function startRedisServer(settings: Readonly<Record<string, string>> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'medio-redis-'))
  const port = await freePort()
  let server: ChildProcess | undefined

  /** One command over redis-cli, a connection of its own. */
  async function command(...words: string[]): Promise<string> {
    const options = ['-h', '127.0.0.1', '-p', String(port), '--no-auth-warning', '-a', redisPassword]
    const { stdout } = await run('redis-cli', [...options, ...words])
    return stdout.trim()
  }

  async function start(): Promise<void> {
    const all = {
      bind: '127.0.0.1',
      port: String(port),
      dir: directory,
      save: '',
      requirepass: redisPassword,
      ...settings,
    }
    const options = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
    server = spawn('redis-server', options, { stdio: 'ignore' })
    await once(server, 'spawn')
    await vi.waitUntil(async () => (await command('ping').catch(() => '')) === 'PONG', { timeout: 10_000 })
  }

  async function kill(): Promise<void> {
    if (server === undefined) return
    const exited = once(server, 'exit')
    server.kill('SIGKILL')
    await exited
    server = undefined
  }

  await start()
  return {
    port,
    urlWith: (credentials: string) => `redis://${credentials}127.0.0.1:${port}`,
    url: `redis://:${redisPassword}@127.0.0.1:${port}`,
    command,
    /** The other side's view: one line per open connection, redis-cli's own left out. */
    async clients(): Promise<string[]> {
      const lines = (await command('client', 'list')).split('\n')
      return lines.filter((line) => !line.includes('cmd=client|list'))
    },
    start,
    kill,
    /** Sockets stay open, nothing answers. */
    pause: () => server?.kill('SIGSTOP'),
    resume: () => server?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(directory, { recursive: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
