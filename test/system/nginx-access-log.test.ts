import { hostname } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NginxLine, type RunningNginx, startNginx } from '../support/nginx.ts'
import { exchangeRaw } from '../support/raw-http.ts'
import { generatedId } from './nginx-problem.ts'
import { startUnixUpstream, type UnixUpstream } from './unix-upstream.ts'

const secret = 'a-token-that-nobody-may-read'
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/
const seconds = /^\d+\.\d{3}$/

let upstream: UnixUpstream
let nginx: RunningNginx
let lineCount = 0
beforeAll(async () => {
  upstream = await startUnixUpstream((request, response) => {
    response.statusCode = Number(/^\/status\/(\d+)/.exec(request.url ?? '')?.[1] ?? 200)
    request.resume().on('end', () => response.end('answered'))
  })
  nginx = await startNginx({ upstreamSocket: upstream.socketPath, changes: { 'flush=1s': 'flush=20ms' } })
})
afterAll(async () => {
  await nginx?.[Symbol.asyncDispose]()
  await upstream?.[Symbol.asyncDispose]()
})

/** Sends these bytes, and a request behind them; gives the lines of what came before that one. */
async function linesOf(message: string | Buffer): Promise<NginxLine[]> {
  lineCount += 1
  const marker = `marker-${lineCount}`
  const before = (await nginx.accessLog()).length
  await exchangeRaw(nginx.port, [message], 1)
  await exchangeRaw(nginx.port, [`GET / HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: ${marker}\r\n\r\n`], 1)
  await nginx.logged(marker)
  const lines = (await nginx.accessLog()).slice(before).trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as NginxLine).filter(({ requestId }) => requestId !== marker)
}

async function lineOf(message: string | Buffer): Promise<NginxLine> {
  const lines = await linesOf(message)
  expect(lines).toHaveLength(1)
  return lines[0] as NginxLine
}

const get = (target: string, headers = '') => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`

describe('the access log of nginx', () => {
  it('has one line for a request, with the fields that the service logs and how long the service took', async () => {
    const headers = 'X-Request-Id: its-own\r\nFly-Request-Id: 01JD3XJ4Q5V8Y2-iad\r\nFly-Client-IP: 192.0.2.7\r\n'
    const message = `POST /status/201?x=y HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: 4\r\n\r\nbody`
    expect(await lineOf(message)).toEqual({
      level: 'info',
      time: expect.stringMatching(time),
      event: 'nginx_request',
      machine: hostname(),
      requestId: 'its-own',
      flyRequestId: '01JD3XJ4Q5V8Y2-iad',
      client: '192.0.2.7',
      method: 'POST',
      path: '/status/201',
      statusCode: 201,
      durationSeconds: expect.any(Number),
      upstreamStatus: '201',
      upstreamConnectSeconds: expect.stringMatching(seconds),
      upstreamHeaderSeconds: expect.stringMatching(seconds),
      upstreamResponseSeconds: expect.stringMatching(seconds),
      requestBytes: message.length,
      sentBytes: expect.any(Number),
      msg: 'nginx answered',
    })
  })

  it('has nothing of the service in the line of what nginx answered alone', async () => {
    expect(await lineOf(get('/metrics'))).toMatchObject({
      ...{ level: 'info', requestId: expect.stringMatching(generatedId), flyRequestId: '', client: '' },
      ...{ method: 'GET', path: '/metrics', statusCode: 404 },
      ...{ upstreamStatus: '', upstreamConnectSeconds: '', upstreamHeaderSeconds: '', upstreamResponseSeconds: '' },
    })
  })

  it.each([
    [200, 'info'],
    [404, 'info'],
    [429, 'info'],
    [500, 'error'],
    [502, 'error'],
    [503, 'warn'],
    [504, 'error'],
  ])('has the answer %i at level %s', async (status, level) => {
    expect(await lineOf(get(`/status/${status}`))).toMatchObject({ statusCode: status, level })
  })

  it.each(['/api/health', '/api/health?_=1', '/api/health/live', '/api/health/ready'])(
    'has no line for %s while it is well',
    async (path) => {
      expect(await linesOf(get(path))).toEqual([])
    },
  )

  it.each(['/api/health/startup', '/api/health/deep', '/api/health/checks/database', '/api/health/'])(
    'has a line for %s',
    async (path) => {
      expect(await lineOf(get(path))).toMatchObject({ path, statusCode: 200 })
    },
  )

  it('has a line for health that is not well', async () => {
    await using unwell = await startUnixUpstream((_request, response) => response.writeHead(503).end())
    await using front = await startNginx({ upstreamSocket: unwell.socketPath })
    for (const path of ['', '/live', '/ready']) {
      const headers = { 'X-Request-Id': `unwell${path.replace('/', '-')}` }
      expect((await fetch(`${front.url}/api/health${path}`, { headers })).status).toBe(503)
      expect(await front.logged(headers['X-Request-Id'])).toMatchObject({ path: `/api/health${path}`, level: 'warn' })
    }
  })

  it('holds no secret, wherever the caller put it', async () => {
    const headers = [
      ...[`Authorization: Bearer ${secret}`, `Cookie: session=${secret}`, `Referer: http://x/?token=${secret}`],
      ...[
        `User-Agent: ${secret}`,
        `X-Request-Id: ${secret}!`,
        `Fly-Client-IP: ${secret}`,
        `Fly-Request-Id: !${secret}`,
      ],
    ]
    const fields = headers.map((header) => `${header}\r\n`).join('')
    const messages = [
      get(`/path?token=${secret}`, fields),
      get(`/metrics?token=${secret}`, fields),
      get(`http://localhost/path?token=${secret}`, fields),
      get(`/?token=${secret}`, `X-Long: ${'x'.repeat(9_000)}\r\n`),
      get(`/?token=${secret}${'x'.repeat(9_000)}`),
      get(`/?token=${secret}`, 'Content-Length: none\r\n'),
      `GET http://user:${secret}@localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      `GET /?token=${secret} HTTP/9.9\r\n\r\n`,
      `${secret}\r\n\r\n`,
    ]
    for (const message of messages) await lineOf(message)
    upstream.closeConnections()
    await upstream.close()
    const away = await lineOf(get(`/away?token=${secret}`, fields))
    await upstream.listen()
    expect(away).toMatchObject({ path: '/away', statusCode: 502, upstreamStatus: '502, 502' })
    const lines = (await nginx.accessLog()).split('\n')
    expect(lines.filter((line) => line.includes(secret))).toEqual([])
    expect(await nginx.stderr()).toBe('')
  })
})

describe('a line of the access log', () => {
  it.each([
    ['quotes', '/a"b', '/a"b'],
    ['backslashes', '/a\\b\\u0041', '/a\\b\\u0041'],
    ['encoded line breaks', '/a%0d%0a{"level":"fatal"}', '/a%0d%0a{"level":"fatal"}'],
    ['a semicolon and a fragment', '/a;b#c', '/a;b#c'],
    ['256 characters', `/${'x'.repeat(255)}`, `/${'x'.repeat(255)}`],
    ['more than 256 characters', `/${'x'.repeat(5_000)}`, `/${'x'.repeat(255)}`],
    ['bytes that are no UTF-8', Buffer.from('/a\xff\xfeb', 'latin1'), '/a'],
    ['half of a character', Buffer.from('/a\xc3', 'latin1'), '/a'],
  ])('is one JSON object of ASCII for a path with %s', async (_what, target, path) => {
    const message = Buffer.concat([
      Buffer.from('GET '),
      Buffer.from(target),
      Buffer.from(' HTTP/1.1\r\nHost: a\r\n\r\n'),
    ])
    expect((await lineOf(message)).path).toBe(path)
  })

  it.each([
    [
      'header bytes that are no UTF-8',
      Buffer.from(get('/', 'User-Agent: \xff"\\\r\nFly-Client-IP: \xff\r\n'), 'latin1'),
    ],
    ['a header with control characters', get('/', 'User-Agent: \x1b[31m\x07\r\nFly-Request-Id: \x1b[31m\r\n')],
    ['a method of 5,000 letters', `${'X'.repeat(5_000)} / HTTP/1.1\r\nHost: a\r\n\r\n`],
    ['a greeting of TLS', Buffer.from('16030100a5010000a10303', 'hex')],
    ['a first line of bytes', Buffer.from('\xff\xfe"\\\n\r\n\r\n', 'latin1')],
    ['a preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('is one JSON object of ASCII for %s', async (_what, message) => {
    const line = await lineOf(message)
    expect(JSON.stringify(line)).toMatch(/^[ -~]+$/)
    expect(String(line.method).length).toBeLessThanOrEqual(16)
  })

  it('is at most 4,096 bytes, which a pipe takes whole', async () => {
    const headers = [
      `X-Request-Id: ${'x'.repeat(128)}`,
      `Fly-Request-Id: ${'y'.repeat(64)}`,
      `Fly-Client-IP: ${'1'.repeat(45)}`,
    ]
    const target = `/${'"'.repeat(1_000)}`
    await lineOf(get(target, headers.map((header) => `${header}\r\n`).join('')))
    const longest = Math.max(...(await nginx.accessLog()).split('\n').map((line) => Buffer.byteLength(line)))
    expect(longest).toBeGreaterThan(1_000)
    expect(longest).toBeLessThan(4_096)
  })

  it('has the method that was sent, also where nginx answered a problem', async () => {
    const methods = [
      await lineOf('POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n'),
      await lineOf('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n'),
      await lineOf('DELETE / HTTP/1.1\r\n\r\n'),
      await lineOf('TRACE / HTTP/1.1\r\nHost: a\r\n\r\n'),
    ]
    expect(methods.map(({ method, statusCode }) => `${method} ${statusCode}`)).toEqual([
      'POST 404',
      'PUT 413',
      'DELETE 400',
      'TRACE 405',
    ])
  })
})
