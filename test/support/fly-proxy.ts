import { once } from 'node:events'
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type CheckSettings, type MachineChecks, startMachineChecks } from './fly-machine-checks.ts'
import { listenOnLoopback } from './loopback-server.ts'

/** https://fly.io/docs/monitoring/error-codes: could not connect, connection reset, none healthy, tried everywhere. */
export type ProxyErrorCode = 'PC01' | 'PC03' | 'PR01' | 'PC07'

export interface FlyProxy {
  readonly origin: string
  /** Requests that one machine did not answer and that were sent to another. */
  readonly retries: readonly { readonly machine: string; readonly code: ProxyErrorCode }[]
  /** Fly started this machine; it gets requests once its check passes. */
  started(machine: { id: string; port: number }): void
  /** Fly knows that this machine is stopped. */
  stopped(id: string): void
  passing(): string[]
  /** Resolves once the check of each of these machines, and of no other, passes. */
  untilPassing(ids: readonly string[]): Promise<void>
  close(): Promise<void>
}

interface Machine {
  readonly id: string
  readonly port: number
  readonly agent: Agent
  readonly checks: MachineChecks
  inFlight: number
}

/** The proxy uses a connection again within about four seconds. */
const connectionIdleMs = 4_000
/** Longer than any load lasts: here a client never meets a connection that is about to be closed. */
const clientIdleMs = 120_000
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
/** Of one connection (RFC 9110, 7.6.1). */
const hopByHop = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'proxy-connection']

/**
 * A stand-in for Fly's proxy as its documentation describes it: it routes to the least loaded machine whose check passes,
 * and fails closed: with none, a request waits for one and gets a 503 in the end. It knows of a machine that drains by
 * its failing check alone. Of a request that was not answered it repeats only what can have had no effect: it was not
 * sent, or its method is idempotent.
 */
export async function startFlyProxy(options: { check: CheckSettings; waitMs?: number }): Promise<FlyProxy> {
  const { check, waitMs = 5_000 } = options
  const machines = new Map<string, Machine>()
  const retries: { machine: string; code: ProxyErrorCode }[] = []
  let changed = Promise.withResolvers<void>()
  let requestCount = 0

  function announceChange(): void {
    changed.resolve()
    changed = Promise.withResolvers()
  }

  function leastLoaded(except: ReadonlySet<Machine>): Machine | undefined {
    return [...machines.values()]
      .filter((machine) => machine.checks.passing() && !except.has(machine))
      .sort((one, other) => one.inFlight - other.inFlight)[0]
  }

  /** Waits for a first machine; a further one has to be there. */
  async function choose(tried: ReadonlySet<Machine>): Promise<Machine | 'PR01' | 'PC07'> {
    const giveUpMs = performance.now() + waitMs
    for (;;) {
      const machine = leastLoaded(tried)
      const leftMs = giveUpMs - performance.now()
      if (machine !== undefined) return machine
      if (tried.size > 0) return 'PC07'
      if (leftMs <= 0) return 'PR01'
      await Promise.race([changed.promise, delay(leftMs, undefined, { ref: false })])
    }
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    requestCount += 1
    const requestId = `STANDIN${String(requestCount).padStart(8, '0')}-local`
    response.setHeader('Fly-Request-Id', requestId)
    const body = await buffer(incoming)
    const tried = new Set<Machine>()
    for (;;) {
      const machine = await choose(tried)
      if (typeof machine === 'string') return refuse(response, machine)
      tried.add(machine)
      machine.inFlight += 1
      const failure = await forward({ machine, incoming, body, requestId, response })
      machine.inFlight -= 1
      if (failure === undefined) return
      if (!failure.repeatable) return refuse(response, failure.code)
      retries.push({ machine: machine.id, code: failure.code })
    }
  }

  const server = createServer({ keepAliveTimeout: clientIdleMs }, (incoming, response) => {
    handle(incoming, response).catch(() => response.destroy())
  })
  const { port, close } = await listenOnLoopback(server)

  const passing = () => [...machines.values()].filter(({ checks }) => checks.passing()).map(({ id }) => id)
  function stopped(id: string): void {
    const machine = machines.get(id)
    machines.delete(id)
    machine?.checks.stop()
    announceChange()
  }

  return {
    origin: `http://127.0.0.1:${port}`,
    retries,
    started({ id, port: machinePort }) {
      stopped(id)
      const agent = new Agent({ keepAlive: true, timeout: connectionIdleMs })
      const checks = startMachineChecks(machinePort, check, announceChange)
      machines.set(id, { id, port: machinePort, agent, checks, inFlight: 0 })
    },
    stopped,
    passing,
    async untilPassing(ids) {
      while (passing().toSorted().join() !== ids.toSorted().join()) await changed.promise
    },
    async close() {
      for (const { id, agent } of [...machines.values()]) {
        stopped(id)
        agent.destroy()
      }
      await close()
    },
  }
}

function refuse(response: ServerResponse, code: ProxyErrorCode): void {
  response.writeHead(code === 'PR01' ? 503 : 502, { 'Fly-Proxy-Error': code }).end()
}

/** Undefined when the answer, or as much as there was of it, went to the client. Never rejects. */
async function forward(exchange: {
  machine: Machine
  incoming: IncomingMessage
  body: Buffer
  requestId: string
  response: ServerResponse
}): Promise<{ code: ProxyErrorCode; repeatable: boolean } | undefined> {
  const { machine, incoming, body, requestId, response } = exchange
  const { method = 'GET', url, socket } = incoming
  const outgoing = httpRequest({
    ...{ agent: machine.agent, host: '127.0.0.1', port: machine.port, method, path: url },
    headers: {
      ...endToEnd(incoming.headers),
      'fly-client-ip': socket.remoteAddress,
      'fly-request-id': requestId,
      'x-forwarded-for': socket.remoteAddress,
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      via: '1.1 fly.io',
    },
  })
  let bytesBefore = 0
  outgoing.on('socket', ({ bytesRead }) => {
    bytesBefore = bytesRead
  })
  outgoing.on('error', () => {
    // `answered` or the pipeline tells.
  })
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
  outgoing.end(body)
  try {
    const [answer] = await answered
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers))
    // Cuts the client off where the machine did.
    await pipeline(answer, response).catch(() => undefined)
    return undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return { code: 'PC01', repeatable: true }
    const nothingCame = outgoing.socket?.bytesRead === bytesBefore
    return { code: 'PC03', repeatable: nothingCame && idempotent.has(method) }
  }
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)))
}
