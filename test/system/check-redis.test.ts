import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { classifyFailure } from '../../src/health/checks/failure-code.ts'
import { createRedisCheck } from '../../src/health/checks/redis.ts'
import { type RedisServer, redisPassword, startRedisServer } from './redis-server.ts'

const { signal } = new AbortController()
const healthy = { observedValue: expect.any(Number), observedUnit: 'ms' }
/** Long enough for a run on a busy machine, the loading of the library included. */
const timeoutMs = 2_000

let redis: RedisServer
const releases: (() => unknown)[] = []
beforeAll(async () => {
  redis = await startRedisServer()
})
afterAll(() => redis[Symbol.asyncDispose]())
afterEach(() => {
  for (const release of releases.splice(0)) release()
})

function checkOf(url: string, machineId = 'm1') {
  const check = createRedisCheck({ url, machineId })
  releases.push(() => check.release?.())
  return check
}

async function isHealthy(check: ReturnType<typeof checkOf>): Promise<boolean> {
  try {
    await check.run(signal)
    return true
  } catch {
    return false
  }
}

async function failureOf(work: unknown) {
  const error = await Promise.resolve(work).then(
    () => expect.unreachable('the check was to fail'),
    (reason: unknown) => reason,
  )
  return classifyFailure(error)
}

describe('the Redis check', () => {
  it('pings over one kept connection, and closes it when told to let go', async () => {
    const check = checkOf(redis.url)
    for (let round = 0; round < 3; round += 1) expect(await check.run(signal)).toEqual(healthy)
    const clients = await redis.clients()
    expect(clients).toHaveLength(1)
    expect(clients[0]).toContain('cmd=ping')
    await check.release?.()
    await vi.waitUntil(async () => (await redis.clients()).length === 0)
    expect(await check.run(signal)).toEqual(healthy)
  })

  it('writes a key of its machine that expires, over a connection that it closes', async () => {
    expect(await checkOf(redis.url, '28715d4c671438').runDeep?.(signal)).toEqual(healthy)
    expect(await redis.command('get', 'medio-health:28715d4c671438')).toMatch(/^[0-9a-f-]{36}$/)
    expect(Number(await redis.command('ttl', 'medio-health:28715d4c671438'))).toBeGreaterThan(50)
    await vi.waitUntil(async () => (await redis.clients()).length === 0)
  })

  it('reads a wrong password, and none, as failed authentication, and tells neither', async () => {
    for (const credentials of [':wrong-password@', '']) {
      const failure = await failureOf(checkOf(redis.urlWith(credentials)).run(signal))
      expect(failure.code).toBe('auth_failed')
      expect(failure.message).not.toContain('wrong-password')
    }
    await vi.waitUntil(async () => (await redis.clients()).length === 0)
  })

  it('reads a user who may not write as failed authentication, in the deep run only', async () => {
    await redis.command('acl', 'setuser', 'reader', 'on', '>reader-password', '+ping')
    const check = checkOf(redis.urlWith('reader:reader-password@'))
    expect(await check.run(signal)).toEqual(healthy)
    expect(await failureOf(check.runDeep?.(signal))).toMatchObject({ code: 'auth_failed' })
  })

  it('reads a replica as read-only, in the deep run only', async () => {
    await using replica = await startRedisServer({
      replicaof: `127.0.0.1 ${redis.port}`,
      masterauth: redisPassword,
    })
    const check = checkOf(replica.url)
    expect(await check.run(signal)).toEqual(healthy)
    expect(await failureOf(check.runDeep?.(signal))).toMatchObject({ code: 'read_only' })
  })

  it('reads a server without room for another client as too many connections', async () => {
    await using full = await startRedisServer({ maxclients: '1' })
    const first = checkOf(full.url)
    // The connection of redis-cli, which asked whether the server is up, may still count for a moment.
    await vi.waitUntil(() => isHealthy(first))
    expect(await failureOf(checkOf(full.url).run(signal))).toMatchObject({ code: 'too_many_connections' })
  })
})

describe('the Redis check of a server that breaks', () => {
  it('times out on a paused server, closes its connection there, and is healthy again after', async () => {
    await using broken = await startRedisServer()
    const check = checkOf(broken.url)
    await check.run(signal)
    broken.pause()
    for (const run of [check.run, check.runDeep, check.run]) {
      expect(await failureOf(run?.(AbortSignal.timeout(200)))).toMatchObject({ code: 'timeout' })
    }
    broken.resume()
    await vi.waitUntil(async () => (await broken.clients()).length === 0)
    expect(await check.run(AbortSignal.timeout(timeoutMs))).toEqual(healthy)
  })

  it('sees a server that is killed, during a run and before one, and finds the next one by itself', async () => {
    await using broken = await startRedisServer()
    const check = checkOf(broken.url)
    await check.run(signal)
    broken.pause()
    const during = failureOf(check.run(signal))
    await broken.kill()
    expect(await during).toMatchObject({ code: 'connection_lost' })
    expect(await failureOf(check.run(signal))).toMatchObject({ code: 'connection_refused' })
    await broken.start()
    expect(await check.run(AbortSignal.timeout(timeoutMs))).toEqual(healthy)
  })

  it('gives up a connection that is still being made when the signal aborts', async () => {
    await using broken = await startRedisServer({ 'tcp-backlog': '1' })
    broken.pause()
    const fillers = await fillBacklog(broken.port)
    try {
      const run = failureOf(checkOf(broken.url).run(AbortSignal.timeout(500)))
      await vi.waitUntil(() => pendingConnects() > fillers.pending)
      // The library alone would give up after five seconds.
      await vi.waitUntil(() => pendingConnects() === fillers.pending, { timeout: 2_000 })
      expect(await run).toMatchObject({ code: 'timeout' })
    } finally {
      for (const socket of fillers.sockets) socket.destroy()
    }
  })
})

function pendingConnects(): number {
  return process.getActiveResourcesInfo().filter((name) => name.endsWith('ConnectWrap')).length
}

/** Connections to a server that accepts none, until the kernel takes no more: the next one hangs. */
async function fillBacklog(port: number): Promise<{ sockets: Socket[]; pending: number }> {
  const sockets: Socket[] = []
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {
      // Ends with the test.
    })
    sockets.push(socket)
    const timedOut = AbortSignal.timeout(300)
    const connected = await once(socket, 'connect', { signal: timedOut }).catch(() => undefined)
    if (connected === undefined) return { sockets, pending: pendingConnects() }
  }
}
