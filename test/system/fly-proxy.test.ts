import { createServer, type RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, it, vi } from 'vitest'
import { type FlyProxy, startFlyProxy } from '../support/fly-proxy.ts'
import { freePort } from '../support/free-port.ts'
import { listenOnLoopback } from '../support/loopback-server.ts'

const check = { path: '/ready', intervalMs: 200, timeoutMs: 100 }
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function proxyFor(ids: Readonly<Record<string, number>>, waitMs?: number): Promise<FlyProxy> {
  const proxy = await startFlyProxy({ check, ...(waitMs !== undefined && { waitMs }) })
  closers.push(proxy.close)
  for (const [id, port] of Object.entries(ids)) proxy.started({ id, port })
  return proxy
}

/** A machine that says who it is; `ready` may be changed, and `listener` serves all but the check. */
async function startStandIn(id: string, listener?: RequestListener) {
  const machine = { id, ready: 200, checks: 0, requests: 0 }
  const server = createServer((request, response) => {
    if (request.url === check.path) {
      machine.checks += 1
      response.writeHead(machine.ready, { Location: '/' }).end()
      return
    }
    machine.requests += 1
    if (listener === undefined) response.setHeader('Medio-Machine', id).end(id)
    else listener(request, response)
  })
  const listening = await listenOnLoopback(server)
  closers.push(listening.close)
  return Object.assign(machine, listening)
}

const ask = async (proxy: FlyProxy, init?: RequestInit) => {
  const response = await fetch(`${proxy.origin}/path?query=1`, init)
  return { status: response.status, code: response.headers.get('fly-proxy-error'), text: await response.text() }
}

it('the stand-in for Fly tells the machine who asks, and hands its answer back', async () => {
  const machine = await startStandIn('a', async (request, response) => {
    const {
      'fly-client-ip': client,
      'x-forwarded-proto': proto,
      'x-request-id': requestId,
      connection,
    } = request.headers
    const body = await text(request)
    response
      .writeHead(201, { 'X-Kept': 'yes' })
      .end(JSON.stringify([request.url, client, proto, requestId, connection, body]))
  })
  const proxy = await proxyFor({ a: machine.port })
  const answer = await fetch(`${proxy.origin}/path?query=1`, {
    method: 'POST',
    headers: { 'X-Request-Id': 'r1' },
    body: 'text',
  })
  expect([answer.status, answer.headers.get('x-kept')]).toEqual([201, 'yes'])
  expect(answer.headers.get('fly-request-id')).toBe('STANDIN00000001-local')
  expect(await answer.json()).toEqual(['/path?query=1', '127.0.0.1', 'https', 'r1', 'keep-alive', 'text'])
})

it('the stand-in for Fly routes only to machines whose check answers 200', async () => {
  const [one, other] = [await startStandIn('a'), await startStandIn('b')]
  other.ready = 302
  const proxy = await proxyFor({ a: one.port, b: other.port })
  await proxy.untilPassing(['a'])
  for (let count = 0; count < 10; count += 1) expect((await ask(proxy)).text).toBe('a')
  expect(other.requests).toBe(0)
  one.ready = 503
  other.ready = 200
  await proxy.untilPassing(['b'])
  expect((await ask(proxy)).text).toBe('b')
})

it('the stand-in for Fly asks a new machine more often until it first passes', async () => {
  const machine = await startStandIn('a')
  machine.ready = 503
  const proxy = await startFlyProxy({ check: { ...check, intervalMs: 3_000 } })
  closers.push(proxy.close)
  proxy.started(machine)
  // Well before the second interval is over.
  await vi.waitUntil(() => machine.checks >= 4, { timeout: 5_000 })
  machine.ready = 200
  await proxy.untilPassing(['a'])
  const { checks } = machine
  await delay(900)
  expect(machine.checks).toBe(checks)
})

it('the stand-in for Fly prefers the machine with fewer requests under way', async () => {
  const held: (() => void)[] = []
  const slow = await startStandIn('slow', (_request, response) => held.push(() => response.end('slow')))
  const proxy = await proxyFor({ slow: slow.port })
  await proxy.untilPassing(['slow'])
  const first = ask(proxy)
  await vi.waitUntil(() => held.length === 1)
  const quick = await startStandIn('quick')
  proxy.started({ id: 'quick', port: quick.port })
  await proxy.untilPassing(['slow', 'quick'])
  for (let count = 0; count < 5; count += 1) expect((await ask(proxy)).text).toBe('quick')
  held[0]?.()
  expect((await first).text).toBe('slow')
})

it('the stand-in for Fly lets a request wait for a machine, and fails closed in the end', async () => {
  const machine = await startStandIn('a')
  machine.ready = 503
  const proxy = await proxyFor({ a: machine.port }, 300)
  expect(await ask(proxy)).toMatchObject({ status: 503, code: 'PR01' })
  const waiting = ask(proxy)
  machine.ready = 200
  expect(await waiting).toMatchObject({ status: 200, text: 'a' })
})

it('the stand-in for Fly repeats a refused request elsewhere, whatever its method', async () => {
  const [one, other] = [await startStandIn('a'), await startStandIn('b')]
  const proxy = await proxyFor({ a: one.port })
  await proxy.untilPassing(['a'])
  proxy.started({ id: 'b', port: other.port })
  await proxy.untilPassing(['a', 'b'])
  await one.close()
  for (const method of ['GET', 'POST']) {
    for (let count = 0; count < 4; count += 1) expect((await ask(proxy, { method })).text).toBe('b')
  }
  expect(proxy.retries.map(({ machine, code }) => `${machine} ${code}`)).toContain('a PC01')
})

it('the stand-in for Fly repeats a request that was reset only if its method is idempotent', async () => {
  const reset = await startStandIn('a', (request) => request.socket.resetAndDestroy())
  const proxy = await proxyFor({ a: reset.port })
  await proxy.untilPassing(['a'])
  expect(await ask(proxy, { method: 'POST', body: 'once' })).toMatchObject({ status: 502, code: 'PC03' })
  expect(proxy.retries).toEqual([])
  expect(await ask(proxy)).toMatchObject({ status: 502, code: 'PC07' })
  expect(proxy.retries).toEqual([{ machine: 'a', code: 'PC03' }])
})

it('the stand-in for Fly cuts the client off where the machine broke off its answer', async () => {
  const broken = await startStandIn('a', (request, response) => {
    response.writeHead(200, { 'Content-Length': '10' }).write('half', () => request.socket.resetAndDestroy())
  })
  const proxy = await proxyFor({ a: broken.port })
  await proxy.untilPassing(['a'])
  await expect(ask(proxy)).rejects.toThrow()
  expect([proxy.retries, broken.requests]).toEqual([[], 1])
})

it('the stand-in for Fly uses connections to a machine again, and forgets a stopped machine', async () => {
  const machine = await startStandIn('a')
  const proxy = await proxyFor({ a: machine.port }, 100)
  await proxy.untilPassing(['a'])
  for (let count = 0; count < 5; count += 1) await ask(proxy)
  expect(machine.connections()).toBeLessThanOrEqual(2)
  proxy.stopped('a')
  expect(await ask(proxy)).toMatchObject({ status: 503, code: 'PR01' })
  proxy.started({ id: 'a', port: await freePort() })
  expect(await ask(proxy)).toMatchObject({ status: 503, code: 'PR01' })
})
