import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type RunningNginx, startNginx } from '../support/nginx.ts'
import { exchangeRaw, type RawAnswer } from '../support/raw-http.ts'
import { generatedId } from './nginx-problem.ts'
import { startUnixUpstream, type UnixUpstream } from './unix-upstream.ts'

/** What the service saw of a request. */
interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly bodyBytes: number
}

let upstream: UnixUpstream
let nginx: RunningNginx
beforeAll(async () => {
  upstream = await startUnixUpstream(async (request, response) => {
    const { method, url, headers } = request
    const bodyBytes = (await buffer(request)).length
    response.setHeader('X-Request-Id', String(headers['x-request-id']))
    response.end(JSON.stringify({ method, url, headers, bodyBytes }))
  })
  nginx = await startNginx({ upstreamSocket: upstream.socketPath })
})
afterAll(async () => {
  await nginx?.[Symbol.asyncDispose]()
  await upstream?.[Symbol.asyncDispose]()
})

async function exchange(message: string | Buffer): Promise<{ answer: RawAnswer; seen: Seen }> {
  const { answers } = await exchangeRaw(nginx.port, [message], 1)
  const answer = answers[0] ?? expect.unreachable('there was no answer')
  return { answer, seen: JSON.parse(answer.body) as Seen }
}

const get = (headers: string, target = '/') => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`

describe('the request id behind nginx', () => {
  it.each(['a', 'A-Z_0.9', 'x'.repeat(128), '0191d5a4-7d3c-7b1e-8a7f-2f6c3f1f9d11'])('is kept: %s', async (id) => {
    const { answer, seen } = await exchange(get(`X-Request-Id: ${id}\r\n`))
    expect(seen.headers['x-request-id']).toBe(id)
    expect(answer.headers['x-request-id']).toBe(id)
    const own = await exchangeRaw(nginx.port, [get(`X-Request-Id: ${id}\r\n`, '/metrics')], 1)
    expect(own.answers[0]?.headers['x-request-id']).toBe(id)
    expect(JSON.parse(own.answers[0]?.body ?? '')).toMatchObject({ status: 404, requestId: id })
  })

  it.each([
    ['129 characters', `X-Request-Id: ${'x'.repeat(129)}\r\n`],
    ['an empty one', 'X-Request-Id: \r\n'],
    ['a quote', 'X-Request-Id: a"b\r\n'],
    ['a backslash', 'X-Request-Id: a\\b\r\n'],
    ['JSON', 'X-Request-Id: ","admin":"\r\n'],
    ['a space', 'X-Request-Id: a b\r\n'],
    ['a percent-encoded line break', 'X-Request-Id: a%0d%0aSet-Cookie:b\r\n'],
    ['a variable of nginx', 'X-Request-Id: $request_id\r\n'],
    ['a letter beyond ASCII', 'X-Request-Id: \u00e9\r\n'],
  ])('is made anew for %s', async (_what, header) => {
    for (const target of ['/', '/metrics']) {
      const { answers } = await exchangeRaw(nginx.port, [Buffer.from(get(header, target), 'latin1')], 1)
      const answer = answers[0] ?? expect.unreachable('there was no answer')
      const { requestId, headers } = JSON.parse(answer.body) as { requestId?: string; headers?: Seen['headers'] }
      expect(answer.headers['x-request-id']).toMatch(generatedId)
      expect(requestId ?? headers?.['x-request-id']).toBe(answer.headers['x-request-id'])
    }
  })

  it('is another one for each request of a connection', async () => {
    const { answers } = await exchangeRaw(nginx.port, [get(''), get(''), get('', '/metrics')], 3)
    expect(new Set(answers.map(({ headers }) => headers['x-request-id'])).size).toBe(3)
  })
})

describe('what the service sees behind nginx', () => {
  it('is every header that means something end to end, as the caller sent it', async () => {
    const passed = {
      host: 'Medio.example:5000',
      'fly-client-ip': '2001:db8::1',
      'fly-region': 'iad',
      'fly-request-id': '01JD3XJ4Q5V8Y2-iad',
      'x-forwarded-for': '2001:db8::1, 10.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      via: '1.1 fly.io',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'vendor=1',
      authorization: 'Bearer a-token',
      accept: 'text/plain',
      'user-agent': 'curl/8',
      cookie: 'a=b; c=d',
      'x-request-id': 'its-own',
    }
    const lines = Object.entries(passed).map(([name, value]) => `${name}: ${value}\r\n`)
    const { seen } = await exchange(`GET / HTTP/1.1\r\n${lines.join('')}\r\n`)
    expect(seen.headers).toEqual(passed)
  })

  it('is none of the headers that end at nginx', async () => {
    const headers = [
      ...['Connection: keep-alive, TE', 'Keep-Alive: timeout=5', 'TE: trailers', 'Trailer: X-Checksum'],
      ...['Upgrade: websocket', 'Proxy: http://evil.example', 'Proxy-Connection: keep-alive'],
      ...['Proxy-Authorization: Basic YTpi', 'X_Request_Id: underscored'],
    ]
    const { seen } = await exchange(get(headers.map((header) => `${header}\r\n`).join('')))
    expect(seen.headers).toEqual({ host: 'localhost', 'x-request-id': expect.stringMatching(generatedId) })
  })

  it.each(['/a/../b/./c//d', '/x/%2e%2E/a%2Fb?q=%20', '/%C3%A9', "/:@!$&'()*+,;=~"])(
    'is the target as it was sent: %s',
    async (target) => {
      expect((await exchange(get('', target))).seen.url).toBe(target)
    },
  )

  it('is the path of a target in absolute form', async () => {
    const { seen } = await exchange('GET http://medio.example/path?query HTTP/1.1\r\nHost: medio.example\r\n\r\n')
    expect(seen).toMatchObject({ url: '/path?query', headers: { host: 'medio.example' } })
  })

  it('is a request only once all of it has come', async () => {
    const before = upstream.requests.length
    const socket = connect(nginx.port, '127.0.0.1')
    const answered = buffer(socket)
    socket.write('POST /slowly HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n')
    socket.write('5\r\nfirst\r\n')
    // Whole exchanges that come in between show that nginx had the time for the first half.
    for (let round = 0; round < 20; round += 1) await exchange(get(''))
    expect(upstream.requests.length).toBe(before + 20)
    socket.write('6\r\nsecond\r\n0\r\n\r\n')
    const seen = JSON.parse(
      String(await answered)
        .split('\r\n\r\n')
        .at(-1) ?? '',
    ) as Seen
    expect(seen).toMatchObject({ url: '/slowly', bodyBytes: 11, headers: { 'content-length': '11' } })
    expect(seen.headers).not.toHaveProperty('transfer-encoding')
  })

  it('is no expectation of 100-continue, which nginx meets', async () => {
    const head = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n'
    const { answers } = await exchangeRaw(nginx.port, [head, 'body'], 2)
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([100, 200])
    const seen = JSON.parse(answers[1]?.body ?? '') as Seen
    expect(seen).toMatchObject({ bodyBytes: 4 })
    expect(seen.headers).not.toHaveProperty('expect')
  })

  it.each([16_384, 20_000, 1_048_576])('is a whole body of %i bytes', async (bytes) => {
    const response = await fetch(nginx.url, { method: 'POST', body: 'x'.repeat(bytes) })
    expect(await response.json()).toMatchObject({ bodyBytes: bytes, headers: { 'content-length': String(bytes) } })
  })

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    'is the method %s',
    async (method) => {
      const before = upstream.requests.length
      expect((await fetch(`${nginx.url}/method`, { method })).status).toBe(200)
      expect(upstream.requests.slice(before)).toEqual([`${method} /method`])
    },
  )
})

describe('connections from nginx to the service', () => {
  it('are no more than requests at once, however many requests there are', async () => {
    await using own = await startUnixUpstream((_request, response) => response.end('done'))
    await using front = await startNginx({ upstreamSocket: own.socketPath })
    const concurrency = 32
    const rounds = 20
    const client = async () => {
      for (let round = 0; round < rounds; round += 1) expect(await (await fetch(front.url)).text()).toBe('done')
    }
    await Promise.all(Array.from({ length: concurrency }, client))
    expect(own.requests.length).toBe(concurrency * rounds)
    expect(own.accepted()).toBeLessThanOrEqual(concurrency)
    expect(own.open()).toBe(own.accepted())
  })

  it('are kept after a HEAD, an answer without a body and an error', async () => {
    const statuses = [200, 204, 304, 404, 500]
    await using own = await startUnixUpstream((request, response) => {
      response.writeHead(Number(request.url?.slice(1))).end()
    })
    await using front = await startNginx({ upstreamSocket: own.socketPath })
    for (const status of statuses) {
      for (const method of ['GET', 'HEAD']) {
        expect((await fetch(`${front.url}/${status}`, { method })).status).toBe(status)
      }
    }
    expect(own.accepted()).toBe(1)
  })

  it('are closed when their client goes away before the answer', async () => {
    const begun = Promise.withResolvers<void>()
    const aborted = Promise.withResolvers<void>()
    await using own = await startUnixUpstream((_request, response) => {
      begun.resolve()
      response.on('close', () => aborted.resolve())
    })
    await using front = await startNginx({ upstreamSocket: own.socketPath })
    const socket = connect(front.port, '127.0.0.1')
    socket.write(get(''))
    await begun.promise
    socket.destroy()
    await aborted.promise
    await vi.waitUntil(() => own.open() === 0)
  })
})

describe('a client that reads slowly', () => {
  it('holds the service back, and fills neither memory nor disk', async () => {
    const answerBytes = 64 * 1_048_576
    let finished = false
    const writing = Promise.withResolvers<void>()
    await using own = await startUnixUpstream((_request, response) => {
      response.on('finish', () => {
        finished = true
      })
      response.end(Buffer.alloc(answerBytes))
      writing.resolve()
    })
    await using front = await startNginx({ upstreamSocket: own.socketPath })
    const socket = connect(front.port, '127.0.0.1')
    socket.pause()
    socket.write(get('Connection: close\r\n'))
    await writing.promise
    // Nothing tells that nothing more will come. On a slow machine this sees less, and passes.
    await delay(1_500)
    expect(finished).toBe(false)
    let readBytes = 0
    for await (const chunk of socket) readBytes += (chunk as Buffer).length
    expect(readBytes).toBeGreaterThan(answerBytes)
    expect(finished).toBe(true)
  })
})
