import { randomUUID } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createProber, type Prober } from '../../src/monitor/prober.ts'
import type { Observation } from '../../src/observation/observation.ts'
import { readObservation } from '../../src/observation/read-observation.ts'
import { type LoopbackServer, listenOnLoopback } from '../support/loopback-server.ts'
import { type ProbedServer, startProbedServer } from '../support/probed-server.ts'
import { createTcpProxy } from '../support/tcp-proxy.ts'

const health = JSON.stringify({
  status: 'degraded',
  version: '1.2.3',
  services: { database: { status: 'healthy', responseTime: 2.25 } },
  reasons: [{ check: 'redis', status: 'degraded', code: 'timeout', since: 'x', consecutiveFailures: 1 }],
})

let server: ProbedServer
let secure: ProbedServer
let raw: LoopbackServer
let onConnection: (socket: Socket) => void
const probers: Prober[] = []
beforeAll(async () => {
  server = await startProbedServer()
  secure = await startProbedServer({ secure: true })
  const rawServer: Server = createServer((socket) => {
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  raw = await listenOnLoopback(rawServer)
})
afterAll(() => Promise.all([server.close(), secure.close(), raw.close()]))
afterEach(() => {
  for (const prober of probers.splice(0)) prober.close()
})

function proberWith(options: Partial<Parameters<typeof createProber>[0]> = {}): Prober {
  const prober = createProber({
    ...{ source: 'monitor', timeoutMs: 5_000, reuse: false, controlUrl: undefined, secure: false },
    ...{ monotonicMs: () => performance.now(), wallMs: () => Date.now(), newId: randomUUID, ...options },
  })
  probers.push(prober)
  return prober
}

async function probe(url: string, options: Parameters<typeof proberWith>[0] = {}, machine?: string) {
  const order = {
    target: { name: 'shop', url: new URL(url) },
    dueMs: performance.now(),
    ...(machine !== undefined && { machine }),
  }
  const observation = await proberWith(options).probe(order, new AbortController().signal)
  if (observation === undefined) throw new Error('the probe was cut off')
  // Whatever it met, its record is fit for the file and the history.
  const line = JSON.stringify(observation)
  const read = readObservation(JSON.parse(line))
  expect(JSON.stringify('observation' in read ? read.observation : read)).toBe(line)
  return observation
}

const outcome = ({ statusCode, healthStatus, errorCode }: Observation) => ({ statusCode, healthStatus, errorCode })

it('a probe records what the answer, its headers and the connection told', async () => {
  server.answer((_request, response) => {
    const headers = { 'Medio-Machine': 'm1', 'Medio-Region': 'iad', 'Medio-Uptime-Ms': '5000', 'Medio-Resume-Ms': '70' }
    response.writeHead(200, headers).end(health)
  })
  const wallMs = Date.UTC(2026, 10, 22, 10)
  const prober = proberWith({ wallMs: () => wallMs, newId: () => '00000000-0000-4000-8000-000000000000' })
  const target = { name: 'shop', url: new URL(server.url.replace('127.0.0.1', 'localhost')) }
  const observation = await prober.probe({ target, dueMs: performance.now() - 40 }, new AbortController().signal)
  expect(observation).toEqual({
    id: '00000000-0000-4000-8000-000000000000',
    at: '2026-11-22T10:00:00.000Z',
    intendedAt: expect.any(String),
    target: 'shop',
    source: 'monitor',
    machine: 'm1',
    region: 'iad',
    uptimeMs: 5_000,
    resumeMs: 70,
    durationMs: expect.any(Number),
    statusCode: 200,
    healthStatus: 'degraded',
    version: '1.2.3',
    databaseMs: 2.25,
    reasons: [{ check: 'redis', code: 'timeout' }],
    phases: { dnsMs: expect.any(Number), connectMs: expect.any(Number), firstByteMs: expect.any(Number) },
  })
  expect(Object.isFrozen(observation)).toBe(true)
  const { dnsMs = 0, connectMs = 0, firstByteMs = 0 } = observation?.phases ?? {}
  expect(dnsMs + connectMs + firstByteMs).toBeLessThanOrEqual((observation?.durationMs ?? 0) + 0.01)
})

it('a probe that begins late tells when it was due', async () => {
  server.answer((_request, response) => response.end(health))
  const clocks = { wallMs: () => Date.UTC(2026, 10, 22, 10), monotonicMs: () => 5_000 }
  const order = { target: { name: 'shop', url: new URL(server.url) }, dueMs: 4_960 }
  const observation = await proberWith(clocks).probe(order, new AbortController().signal)
  expect([observation?.at, observation?.intendedAt]).toEqual(['2026-11-22T10:00:00.000Z', '2026-11-22T09:59:59.960Z'])
})

describe('an answer that is of no use', () => {
  it.each([
    ['a page instead of JSON', 200, {}, '<html>', { statusCode: 200, errorCode: 'not_json' }],
    ['JSON of something else', 200, {}, '{"ok":true}', { statusCode: 200, errorCode: 'not_health' }],
    ['a status that would clear a screen', 200, {}, '{"status":"\\u001b[2J"}', { errorCode: 'not_health' }],
    ['a redirect', 302, { Location: '/login' }, '', { statusCode: 302, errorCode: 'redirected' }],
    ['a gateway that says 502', 502, {}, '<h1>502</h1>', { statusCode: 502, errorCode: 'not_json' }],
    ['Fly without a machine', 503, { 'Fly-Proxy-Error': 'PR03' }, '', { statusCode: 503, errorCode: 'fly_PR03' }],
    ['Fly that says it in its body', 502, {}, 'error [PC01]', { statusCode: 502, errorCode: 'fly_PC01' }],
    [
      'a service that is unhealthy, and mentions a code of Fly',
      503,
      { 'Medio-Machine': 'm1' },
      '{"status":"unhealthy","note":"PR03"}',
      { statusCode: 503, healthStatus: 'unhealthy' },
    ],
    [
      'a status word of a megabyte',
      200,
      {},
      JSON.stringify({ status: 'x'.repeat(900_000) }),
      { errorCode: 'not_health' },
    ],
  ])('is a value: %s', async (_, statusCode, headers, body, expected) => {
    server.answer((_request, response) => response.writeHead(statusCode, headers).end(body))
    expect(outcome(await probe(server.url))).toMatchObject(expected)
  })

  it('is read to its first megabyte and no further', async () => {
    let sentBytes = 0
    const closed = Promise.withResolvers<void>()
    server.answer((_request, response) => {
      response.on('close', closed.resolve).on('error', () => undefined)
      const chunk = Buffer.alloc(65_536, ' ')
      const write = () => {
        while (!response.destroyed && sentBytes < 10_000_000) {
          sentBytes += chunk.length
          if (!response.write(chunk)) break
        }
      }
      response.on('drain', write)
      write()
    })
    expect(outcome(await probe(server.url))).toEqual({ statusCode: 200, errorCode: 'body_too_large' })
    await closed.promise
    expect(sentBytes).toBeLessThan(10_000_000)
  })
})

describe('a time-out', () => {
  const timeoutMs = 300

  it.each([
    ['no head of an answer', () => undefined, { errorCode: 'response_timeout' }],
    [
      'a body that never ends',
      (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nfirst'),
      { statusCode: 200, errorCode: 'body_timeout' },
    ],
  ])('names %s, and no connection is left', async (_, behave, expected) => {
    onConnection = (socket) => socket.once('data', () => behave(socket))
    const observation = await probe(`http://127.0.0.1:${raw.port}/`, { timeoutMs })
    expect(outcome(observation)).toEqual(expected)
    expect(observation.durationMs).toBeGreaterThanOrEqual(timeoutMs - 1)
    await expect.poll(() => raw.connections()).toBe(0)
  })

  it('names a handshake that nobody answers', async () => {
    onConnection = () => undefined
    expect(outcome(await probe(`https://127.0.0.1:${raw.port}/`, { timeoutMs }))).toEqual({ errorCode: 'tls_timeout' })
  })
})

describe('a target that is not there', () => {
  it('refuses the connection', async () => {
    const gone = await startProbedServer()
    await gone.close()
    expect(outcome(await probe(gone.url))).toEqual({ errorCode: 'connection_refused' })
  })

  it('has no address', async () => {
    // RFC 6761, 6.4: never to be found.
    const observation = await probe('http://medio.invalid/', { timeoutMs: 20_000 })
    expect(outcome(observation)).toEqual({ errorCode: 'dns_failed' })
    expect(observation.phases).toEqual({})
  })

  it.each([
    ['nothing', (socket: Socket) => socket.end(), 'connection_lost'],
    ['half of a head', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-'), 'connection_lost'],
    ['no HTTP', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), 'malformed_response'],
    ['a reset', (socket: Socket) => socket.resetAndDestroy(), 'connection_lost'],
    ['a status that there is not', (socket: Socket) => socket.end('HTTP/1.1 999 Odd\r\n\r\n'), 'malformed_response'],
  ])('answers with %s', async (_, behave, errorCode) => {
    onConnection = (socket) => socket.once('data', () => behave(socket))
    expect(outcome(await probe(`http://127.0.0.1:${raw.port}/`))).toEqual({ errorCode })
  })

  it('breaks off within its body', async () => {
    onConnection = (socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"status"'))
    const observation = await probe(`http://127.0.0.1:${raw.port}/`)
    expect(outcome(observation)).toEqual({ statusCode: 200, errorCode: 'connection_lost' })
  })
})

describe('TLS', () => {
  it('with a certificate that nobody trusts is told as that', async () => {
    expect(outcome(await probe(secure.url))).toEqual({ errorCode: 'tls_certificate' })
  })

  it('with a server that speaks none is told as a failed handshake', async () => {
    server.answer((_request, response) => response.end())
    expect(outcome(await probe(server.url.replace('http:', 'https:')))).toEqual({ errorCode: 'tls_failed' })
  })
})

describe('connections', () => {
  it('are opened anew for each probe, and kept when asked for', async () => {
    const order = { target: { name: 'shop', url: new URL(server.url) }, dueMs: performance.now() }
    const { signal } = new AbortController()
    for (const [reuse, expected] of [
      [false, [true, true]],
      [true, [true, false]],
    ] as const) {
      server.answer((_request, response) => response.end(health))
      const prober = proberWith({ reuse })
      const observations = [await prober.probe(order, signal), await prober.probe(order, signal)]
      expect(observations.map((each) => each?.phases?.connectMs !== undefined)).toEqual(expected)
    }
  })

  it('that the server closed in the moment of their reuse are no failure of it', async () => {
    let requests = 0
    const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${health.length}\r\n\r\n${health}`
    onConnection = (socket) => {
      let first = true
      socket.on('data', () => {
        requests += 1
        if (first) socket.write(answer)
        else socket.resetAndDestroy()
        first = false
      })
    }
    const prober = proberWith({ reuse: true })
    const order = { target: { name: 'shop', url: new URL(`http://127.0.0.1:${raw.port}/`) }, dueMs: performance.now() }
    const { signal } = new AbortController()
    await prober.probe(order, signal)
    expect(outcome((await prober.probe(order, signal)) as Observation)).toEqual({
      statusCode: 200,
      healthStatus: 'degraded',
    })
    expect(requests).toBe(3)
  })
})

describe('a machine that is asked by name', () => {
  it('is forced on the proxy, and named where nobody answers', async () => {
    const asked: unknown[] = []
    server.answer((request, response) => {
      asked.push(request.headers['fly-force-instance-id'])
      response.setHeader('Medio-Machine', 'm2').end(health)
    })
    expect((await probe(server.url, {}, 'm2')).machine).toBe('m2')
    expect(asked).toEqual(['m2'])
    const gone = await startProbedServer()
    await gone.close()
    expect((await probe(gone.url, {}, 'm2')).machine).toBe('m2')
  })
})

describe('a control target', () => {
  it('that answers leaves the fault with the target', async () => {
    const gone = await startProbedServer()
    await gone.close()
    server.answer((_request, response) => response.writeHead(500).end())
    const observation = await probe(gone.url, { controlUrl: new URL(server.url) })
    expect(outcome(observation)).toEqual({ errorCode: 'connection_refused' })
  })

  it('that does not answer either shows that the prober is offline', async () => {
    const gone = await startProbedServer()
    await gone.close()
    expect(outcome(await probe(gone.url, { controlUrl: new URL(gone.url) }))).toEqual({ errorCode: 'prober_offline' })
  })

  it('is not asked while the target answers, whatever it answers', async () => {
    let asked = 0
    const control = await startProbedServer()
    control.answer((_request, response) => {
      asked += 1
      response.end()
    })
    server.answer((_request, response) => response.writeHead(503).end())
    expect((await probe(server.url, { controlUrl: new URL(control.url) })).statusCode).toBe(503)
    expect(asked).toBe(0)
    await control.close()
  })

  it('asked beside a slow probe finds out a network that is back before the probe ends', async () => {
    const control = await startProbedServer()
    const network = await createTcpProxy({ port: control.port })
    await network.set('reset')
    onConnection = () => undefined
    const probed = probe(`http://127.0.0.1:${raw.port}/`, {
      timeoutMs: 2_000,
      controlUrl: new URL(`http://127.0.0.1:${network.port}/`),
    })
    await delay(1_500)
    await network.set('pass')
    expect(outcome(await probed)).toEqual({ errorCode: 'prober_offline' })
    await network.close()
    await control.close()
  })
})

it('a probe that is cut off is no observation', async () => {
  onConnection = () => undefined
  const cut = new AbortController()
  const order = { target: { name: 'shop', url: new URL(`http://127.0.0.1:${raw.port}/`) }, dueMs: performance.now() }
  const probed = proberWith().probe(order, cut.signal)
  cut.abort()
  expect(await probed).toBeUndefined()
})
