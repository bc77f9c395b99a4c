import { createServer, type RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, expect, it, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { listenOnLoopback } from '../support/loopback-server.ts'
import { type LoadRequest, startOpenLoad } from '../support/open-load.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const get: LoadRequest = { method: 'GET', path: '/', isRight: (statusCode) => statusCode === 200 }

async function serverFor(listener: RequestListener) {
  const server = await listenOnLoopback(createServer(listener))
  closers.push(server.close)
  return { ...server, origin: `http://127.0.0.1:${server.port}` }
}

/** At least `count` requests. */
async function send(origin: string, count: number, timeoutMs?: number, request = get) {
  let asked = 0
  const requestOf = () => {
    asked += 1
    return request
  }
  const load = startOpenLoad({ origin, perSecond: 1_000, requestOf, ...(timeoutMs !== undefined && { timeoutMs }) })
  await vi.waitUntil(() => asked >= count, { interval: 1 })
  return load.stop()
}

it('the load goes on at its instants while the server stalls, and counts the wait', async () => {
  const held: (() => void)[] = []
  const { origin } = await serverFor((_request, response) => held.push(() => response.end()))
  const load = startOpenLoad({ origin, perSecond: 100, requestOf: () => get })
  await vi.waitUntil(() => held.length >= 20)
  expect(load.outcomes).toEqual([])
  for (const release of held.splice(0)) release()
  const release = setInterval(() => {
    for (const late of held.splice(0)) late()
  }, 5)
  closers.push(() => clearInterval(release))
  const outcomes = await load.stop()
  const byDue = outcomes.toSorted((one, other) => one.dueMs - other.dueMs)
  expect(byDue.every(({ ok }) => ok)).toBe(true)
  for (const [index, { dueMs }] of byDue.entries()) {
    expect(dueMs - (byDue[0]?.dueMs ?? 0)).toBeCloseTo(index * 10, 6)
  }
  // Twenty requests are due over 190 ms, and nothing was answered before the last of them.
  expect((byDue[0]?.last.endedMs ?? 0) - (byDue[0]?.dueMs ?? 0)).toBeGreaterThanOrEqual(189)
})

it('the load names each attempt by a request id of its own, and keeps what came back', async () => {
  const ids: unknown[] = []
  const { origin } = await serverFor(async (request, response) => {
    ids.push(request.headers['x-request-id'])
    const body = await text(request)
    response.writeHead(201, { 'Medio-Machine': 'm1' }).end(`${request.method} ${request.url} ${body}`)
  })
  const isRight = (statusCode: number | undefined, body: string) => statusCode === 201 && body.endsWith('text')
  const request: LoadRequest = { method: 'POST', path: '/a', body: 'text', isRight }
  const outcomes = await send(origin, 3, undefined, request)
  for (const { ok, last } of outcomes) {
    expect([ok, last.outcome, last.statusCode, last.machine]).toEqual([true, 'answered', 201, 'm1'])
    expect(last.body).toBe('POST /a text')
  }
  expect(ids.toSorted()).toEqual(outcomes.map(({ last }) => last.requestId).toSorted())
  expect(new Set(ids).size).toBe(outcomes.length)
})

it('the load tells a refused, a reset, a cut, a late and a wrong answer apart, and repeats none of them', async () => {
  const reset = await serverFor((request) => request.socket.resetAndDestroy())
  const closed = await serverFor((request) => request.socket.end())
  const cut = await serverFor((request, response) => {
    response.writeHead(200, { 'Content-Length': '10' }).write('half', () => request.socket.resetAndDestroy())
  })
  const cutHead = await serverFor((request) => {
    request.socket.write('HTTP/1.1 200 OK\r\nContent-Le', () => request.socket.destroySoon())
  })
  const late = await serverFor(() => undefined)
  const wrong = await serverFor((_request, response) => response.writeHead(502).end())
  const outcomesOf = async (origin: string, timeoutMs?: number) => {
    const outcomes = await send(origin, 2, timeoutMs)
    return new Set(outcomes.map(({ ok, attempts, last }) => `${ok} ${attempts.length} ${last.outcome}`))
  }
  expect(await outcomesOf(`http://127.0.0.1:${await freePort()}`)).toEqual(new Set(['false 1 refused']))
  expect(await outcomesOf(reset.origin)).toEqual(new Set(['false 1 reset']))
  expect(await outcomesOf(closed.origin)).toEqual(new Set(['false 1 reset']))
  expect(await outcomesOf(cut.origin)).toEqual(new Set(['false 1 cut']))
  expect(await outcomesOf(cutHead.origin)).toEqual(new Set(['false 1 cut']))
  expect(await outcomesOf(late.origin, 300)).toEqual(new Set(['false 1 timeout']))
  expect(await outcomesOf(wrong.origin)).toEqual(new Set(['false 1 answered']))
})

it('the load repeats a request whose reused connection was reset before the first byte of an answer', async () => {
  const served = new WeakSet<object>()
  let hasReset = false
  const { origin } = await serverFor((request, response) => {
    if (!hasReset && served.has(request.socket)) {
      hasReset = true
      request.socket.resetAndDestroy()
      return
    }
    served.add(request.socket)
    response.end()
  })
  const load = startOpenLoad({ origin, perSecond: 50, requestOf: () => get })
  await vi.waitUntil(() => hasReset)
  const outcomes = await load.stop()
  expect(outcomes.every(({ ok }) => ok)).toBe(true)
  const repeated = outcomes.filter(({ attempts }) => attempts.length > 1)
  expect(repeated.map(({ attempts }) => attempts.map(({ outcome }) => outcome))).toEqual([['reset', 'answered']])
  expect(repeated[0]?.attempts[0]?.reused).toBe(true)
})
