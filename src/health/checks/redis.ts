import { randomUUID } from 'node:crypto'
import { CheckFailure, type CheckReading } from '../check.ts'
import type { CheckWork } from './check-work.ts'
import { latencySince } from './latency.ts'

/** Long enough for the deep check to read back what it wrote, short enough to leave nothing behind. */
const keyExpiryS = 60

/** PING over one kept connection; deep, a SET, GET and compare over a connection of its own. */
export function createRedisCheck(options: { url: string; machineId: string }): CheckWork {
  const { url, machineId } = options
  let kept: Connection | undefined

  function release(): void {
    kept?.end()
    kept = undefined
  }

  async function run(signal: AbortSignal): Promise<CheckReading> {
    if (kept?.client.isReady !== true) {
      release()
      kept = await connect(url, signal)
    }
    const { client } = kept
    const startedAtMs = performance.now()
    try {
      const answer = await endedByAbort(kept, signal, () => client.ping())
      if (answer !== 'PONG') throw new CheckFailure('bad_response', 'Redis did not answer PING with PONG')
    } catch (error) {
      release()
      throw error
    }
    return latencySince(startedAtMs)
  }

  async function runDeep(signal: AbortSignal): Promise<CheckReading> {
    const connection = await connect(url, signal)
    const startedAtMs = performance.now()
    const key = `medio-health:${machineId}`
    const nonce = randomUUID()
    try {
      const { client } = connection
      const readBack = await endedByAbort(connection, signal, async () => {
        await client.set(key, nonce, { expiration: { type: 'EX', value: keyExpiryS } })
        return client.get(key)
      })
      if (readBack !== nonce) throw new CheckFailure('bad_response', 'Redis gave back another value than was written')
    } finally {
      connection.end()
    }
    return latencySince(startedAtMs)
  }

  return { run, runDeep, release }
}

type Connection = Awaited<ReturnType<typeof openClient>>

/** @redis/client is loaded by the first run: it costs more than the rest of the start-up (docs/decisions/0009-redis-client.md). */
async function openClient(url: string) {
  // The default: a bundle of this CommonJS package has no named exports.
  const { createClient } = (await import('@redis/client')).default
  const ended = new AbortController()
  const client = createClient({
    url,
    // The oldest protocol asks least of the server; nothing here needs a newer one.
    RESP: 2,
    maintNotifications: 'disabled',
    // Redis below 7.2 refuses CLIENT SETINFO.
    disableClientInfo: true,
    // A command never waits for a connection: the run that finds none opens one.
    disableOfflineQueue: true,
    // `destroy()` does not reach a socket that still connects; the signal does.
    socket: { reconnectStrategy: false, signal: ended.signal },
  })
  client.on('error', () => {
    // The same failure rejects the pending command, or the next run finds the client not ready.
  })

  function end(): void {
    client.destroy()
    ended.abort()
  }

  return { client, end }
}

async function connect(url: string, signal: AbortSignal): Promise<Connection> {
  const connection = await openClient(url)
  try {
    await endedByAbort(connection, signal, () => connection.client.connect())
  } catch (error) {
    connection.end()
    throw error
  }
  return connection
}

/** Work on a connection that ends, and the work with it, as soon as `signal` aborts. */
async function endedByAbort<T>(connection: Connection, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  signal.addEventListener('abort', connection.end, { once: true })
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', connection.end)
  }
}
