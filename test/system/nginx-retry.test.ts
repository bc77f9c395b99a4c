import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type RunningNginx, startNginx } from '../support/nginx.ts'
import { startUnixUpstream, type UnixUpstream } from './unix-upstream.ts'

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void

const answer: Behaviour = (_request, response) => response.end('answered')
const reset: Behaviour = ({ socket }) => socket.destroy()

let behave: Behaviour = answer
let upstream: UnixUpstream
let nginx: RunningNginx
let agent: Agent
beforeAll(async () => {
  upstream = await startUnixUpstream((request, response) => behave(request, response))
  nginx = await startNginx({ upstreamSocket: upstream.socketPath })
})
afterAll(async () => {
  await nginx?.[Symbol.asyncDispose]()
  await upstream?.[Symbol.asyncDispose]()
})
beforeEach(() => {
  agent = new Agent({ keepAlive: true })
})
afterEach(async () => {
  agent.destroy()
  await forgetConnections()
})

/** Each status, or the code of the connection's end. */
function ask(method = 'GET', path = '/'): Promise<number | string> {
  const { promise, resolve } = Promise.withResolvers<number | string>()
  const broken = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)
  const request = httpRequest({ agent, host: '127.0.0.1', port: nginx.port, method, path }, (response) => {
    response.resume().on('error', broken)
    response.on('end', () => resolve(response.statusCode ?? 0))
  })
  request.on('error', broken)
  request.end(method === 'POST' || method === 'PATCH' || method === 'PUT' ? 'body' : undefined)
  return promise
}

/** Does so the next time, and then as always. */
function once(behaviour: Behaviour): void {
  behave = (request, response) => {
    behave = answer
    behaviour(request, response)
  }
}

/** The service ends every connection, and nginx has noticed. */
async function forgetConnections(): Promise<void> {
  behave = answer
  upstream.closeConnections()
  await vi.waitUntil(() => upstream.open() === 0)
  expect(await ask()).toBe(200)
  upstream.closeConnections()
  await vi.waitUntil(() => upstream.open() === 0)
}

/** What the caller got, and how often the service was asked for it. */
async function counted(method: string): Promise<{ status: number | string; asked: number }> {
  const before = upstream.requests.length
  const status = await ask(method)
  return { status, asked: upstream.requests.length - before }
}

describe.each(['kept', 'fresh'])('on a %s connection to the service that breaks', (kind) => {
  beforeEach(async () => {
    await forgetConnections()
    if (kind === 'kept') expect(await ask()).toBe(200)
  })

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])(
    `a %s is sent once more and answered (${kind})`,
    async (method) => {
      once(reset)
      expect(await counted(method)).toEqual({ status: 200, asked: 2 })
    },
  )

  it.each(['POST', 'PATCH'])(`a %s is never sent again (${kind})`, async (method) => {
    once(reset)
    expect(await counted(method)).toEqual({ status: 502, asked: 1 })
  })

  it(`a GET is sent no third time (${kind})`, async () => {
    behave = reset
    expect(await counted('GET')).toEqual({ status: 502, asked: 2 })
  })

  it(`an answer that has begun is not begun again (${kind})`, async () => {
    once((request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' })
      response.write('the first of it', () => request.socket.destroy())
    })
    const before = upstream.requests.length
    expect(await ask()).toBe('ECONNRESET')
    expect(upstream.requests.length).toBe(before + 1)
  })
})

describe('a service that is away for a while', () => {
  it('answers the first request after it is back, whatever came in between', async () => {
    for (let round = 0; round < 3; round += 1) {
      expect(await ask()).toBe(200)
      await upstream.close()
      expect(await Promise.all([ask(), ask('POST'), ask('GET', '/api/health/live')])).toEqual([502, 502, 502])
      await upstream.listen()
      expect(await ask()).toBe(200)
      expect(await ask('POST')).toBe(200)
    }
  })

  it('answers a GET after it closed the idle connections, and a POST too once nginx has noticed', async () => {
    await Promise.all(Array.from({ length: 10 }, () => ask()))
    upstream.closeConnections()
    expect(await ask()).toBe(200)
    await forgetConnections()
    expect(await ask('POST')).toBe(200)
  })

  // The next kept connection that nginx would take is dead too, and nginx has not read of it yet.
  it('answers a GET at whose arrival it ended every connection that it had', async () => {
    for (let round = 0; round < 30; round += 1) {
      await forgetConnections()
      const all = Promise.withResolvers<void>()
      let arrived = 0
      behave = (_request, response) => {
        arrived += 1
        if (arrived === 20) all.resolve()
        void all.promise.then(() => response.end())
      }
      await Promise.all(Array.from({ length: 20 }, () => ask()))
      once(() => upstream.closeConnections())
      expect(await ask()).toBe(200)
    }
  })
})

describe('a service that does not answer', () => {
  it.each([
    ['/api/health/live', 2],
    ['/api/health/deep', 10],
  ])('is asked no second time, and nginx says 504 of %s after %i s', async (path, seconds) => {
    behave = () => undefined
    const before = upstream.requests.length
    const response = await fetch(`${nginx.url}${path}`)
    expect(response.status).toBe(504)
    expect(response.headers.get('retry-after')).toBe('5')
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Gateway Timeout',
      status: 504,
      detail:
        'The service did not answer in time; wait as long as Retry-After says. It may yet do what a POST asked for.',
      requestId: response.headers.get('x-request-id'),
    })
    expect(upstream.requests.length).toBe(before + 1)
    const line = await nginx.logged(response.headers.get('x-request-id') ?? '')
    expect(line).toMatchObject({ path, statusCode: 504, upstreamStatus: '504', level: 'error' })
    expect(line.durationSeconds).toBeGreaterThanOrEqual(seconds)
    // What the next longer time-out would have made of it.
    expect(line.durationSeconds).toBeLessThan(seconds + 8)
  })
})
