import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { STATUS_CODES } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningNginx, startNginx } from '../support/nginx.ts'
import { exchangeRaw, type RawAnswer } from '../support/raw-http.ts'
import { expectNginxProblem } from './nginx-problem.ts'
import { startUnixUpstream, type UnixUpstream } from './unix-upstream.ts'

const conf = readFileSync(join(import.meta.dirname, '../../nginx.conf'), 'utf8')
const malformed = 'The request is not well-formed HTTP/1.1; check its first line and headers.'
const nothingHere = 'There is nothing here; GET / lists what there is.'
const headersTooLarge = 'The request headers are too large; send fewer or shorter ones.'
const bodyTooLarge = 'The body is too large; send at most 1 MB at once.'
const away =
  'The service is away or broke off; wait as long as Retry-After says. It may have done what a POST asked for.'
const inOneMegabyte = 1_048_576

let upstream: UnixUpstream
let nginx: RunningNginx
beforeAll(async () => {
  upstream = await startUnixUpstream((request, response) => {
    const status = Number(/^\/status\/(\d+)/.exec(request.url ?? '')?.[1] ?? 200)
    request.resume().on('end', () => {
      const body = `the service's own ${status}`
      const headers = { 'Content-Type': 'text/plain', 'X-Request-Id': 'of-the-service', 'X-Own': 'yes' }
      response.writeHead(status, { ...headers, 'Content-Length': body.length }).end(body)
    })
  })
  nginx = await startNginx({ upstreamSocket: upstream.socketPath })
})
afterAll(async () => {
  await nginx?.[Symbol.asyncDispose]()
  await upstream?.[Symbol.asyncDispose]()
})

async function answerTo(message: string, port = nginx.port): Promise<RawAnswer> {
  const { answers, rest } = await exchangeRaw(port, [message], 1)
  expect(rest).toBe('')
  return answers[0] ?? expect.unreachable('there was no answer')
}

const get = (target: string, headers = '') => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`
const post = (headers: string, body = '') => `POST / HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n${body}`

describe('a problem that nginx itself answers', () => {
  it.each([
    ['a first line that is none', 'nonsense\r\n\r\n'],
    ['a control character in the path', get('/a\u0001b')],
    ['no Host in HTTP/1.1', 'GET / HTTP/1.1\r\n\r\n'],
    ['two Hosts', get('/', 'Host: other\r\n')],
    ['a Host that is none', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    ['a null character in a header', get('/', 'X-Null: a\0b\r\n')],
    ['a Content-Length that is none', post('Content-Length: many\r\n')],
    ['two lengths of one body', post('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
    ['a chunk that has no size', post('Transfer-Encoding: chunked\r\n', 'zzz\r\n')],
  ])('is 400 for %s', async (_what, message) => {
    expectNginxProblem(await answerTo(message), { status: 400, detail: malformed })
  })

  it.each([
    '/metrics',
    '/metrics/',
    '/metrics/x?y=z',
    '/METRICS',
    '/Metrics/',
    '//metrics',
    '/%6detrics',
    '/x/../metrics',
  ])('is 404 for %s, of which the service hears nothing', async (path) => {
    const before = upstream.requests.length
    expectNginxProblem(await answerTo(get(path)), { status: 404, detail: nothingHere })
    expect(upstream.requests.length).toBe(before)
  })

  it.each(['/_problem', '/_problem/later', '/_problem/method'])('is 404 for %s, a path of its own', async (path) => {
    expectNginxProblem(await answerTo(get(path)), { status: 404, detail: nothingHere })
  })

  it('is 405 for TRACE, with methods that every path has', async () => {
    const detail = 'This method is not possible here; use one of those in Allow.'
    const answer = await answerTo('TRACE /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expectNginxProblem(answer, { status: 405, detail, headers: { allow: 'GET, HEAD' } })
  })

  it('is 413 for a body above 1 MB, before any of it came', async () => {
    const answer = await answerTo(post(`Content-Length: ${inOneMegabyte + 1}\r\n`))
    expectNginxProblem(answer, { status: 413, detail: bodyTooLarge })
  })

  it('is 413 for a body in chunks as soon as it is above 1 MB, also while more of it is sent', async () => {
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    const before = upstream.requests.length
    const answer = await answerTo(post('Transfer-Encoding: chunked\r\n', chunk.repeat(24)))
    expectNginxProblem(answer, { status: 413, detail: bodyTooLarge })
    expect(upstream.requests.length).toBe(before)
  })

  it('is 414 for a target above 8 KB', async () => {
    const detail = 'The path and query are too long; send at most 8 KB.'
    expectNginxProblem(await answerTo(get(`/${'x'.repeat(8_192)}`)), { status: 414, detail })
  })

  it('is 431 for a header above 8 KB', async () => {
    const answer = await answerTo(get('/', `X-Long: ${'x'.repeat(8_192)}\r\n`))
    expectNginxProblem(answer, { status: 431, detail: headersTooLarge })
  })

  it('is 431 for headers above 17 KB together, also while more of them are sent', async () => {
    const answer = await answerTo(get('/', `X-Many: ${'x'.repeat(1_000)}\r\n`.repeat(400)))
    expectNginxProblem(answer, { status: 431, detail: headersTooLarge })
  })

  it('is 501 for a Transfer-Encoding that nobody knows', async () => {
    const detail = 'This Transfer-Encoding is unknown; use chunked or Content-Length.'
    expectNginxProblem(await answerTo(post('Transfer-Encoding: carrier-pigeon\r\n')), { status: 501, detail })
  })

  it('is 505 for a version of HTTP that is to come', async () => {
    const detail = 'This version of HTTP is not supported; use HTTP/1.1.'
    expectNginxProblem(await answerTo('GET / HTTP/4.0\r\nHost: localhost\r\n\r\n'), { status: 505, detail })
  })

  it('has the head alone for HEAD', async () => {
    const { status, headers, body } = await fetch(`${nginx.url}/metrics`, { method: 'HEAD' })
    expect({ status, body }).toEqual({ status: 404, body: null })
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(Number(headers.get('content-length'))).toBeGreaterThan(100)
  })

  it('has its own media type whatever the path ends with', async () => {
    const { headers } = await answerTo(get('/metrics/page.html'))
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8')
  })

  it('is 500 when a body can not be put away', async () => {
    await using broken = await startNginx({ upstreamSocket: upstream.socketPath })
    await rm(join(broken.runDirectory, 'body'), { recursive: true })
    const detail = 'The request failed here; quote the request id when you report it.'
    const answer = await answerTo(post('Content-Length: 30000\r\n', 'x'.repeat(30_000)), broken.port)
    const requestId = expectNginxProblem(answer, { status: 500, detail })
    expect(await broken.logged(requestId)).toMatchObject({ statusCode: 500, level: 'error', upstreamStatus: '' })
  })

  it('is 502 while nobody listens on the socket', async () => {
    await using lonely = await startNginx({ upstreamSocket: `${upstream.socketPath}.none` })
    for (const message of [get('/'), get('/api/health/live'), post('Content-Length: 1\r\n', 'x')]) {
      const answer = await answerTo(message, lonely.port)
      expectNginxProblem(answer, { status: 502, detail: away, headers: { 'retry-after': '5' } })
    }
  })
})

describe('the table of problems', () => {
  const statuses = [...conf.matchAll(/error_page ([\d ]+) \/_problem/g)].flatMap(([, list = '']) => list.split(' '))
  const rows = [...conf.matchAll(/^ {4}(\d+) '"title":"(.+)","status":(\d+),"detail":"(.+)"';$/gm)]

  it('has a row for every status that nginx.conf answers with, under the name that Node has for it', () => {
    expect(rows.map(([, status]) => status)).toEqual([...statuses, '431'].toSorted())
    for (const [, key, title, status] of rows) expect([status, title]).toEqual([key, STATUS_CODES[Number(key)]])
  })

  it('makes a whole document of each row', async () => {
    const locations = statuses.map((status) => `location = /answer/${status} { return ${status}; }`).join('\n')
    await using answering = await startNginx({
      upstreamSocket: upstream.socketPath,
      changes: { 'location / {': `${locations}\nlocation / {` },
    })
    for (const [, key = '', , , detail = ''] of rows.filter(([, key]) => key !== '431')) {
      const headers = {
        ...(['429', '502', '503', '504'].includes(key) && { 'retry-after': '5' }),
        ...(key === '405' && { allow: 'GET, HEAD' }),
      }
      const answer = await answerTo(get(`/answer/${key}`), answering.port)
      expectNginxProblem(answer, { status: Number(key), detail, headers })
    }
  })
})

describe('an error that the service answers', () => {
  it.each([400, 401, 404, 405, 413, 429, 431, 500, 502, 503, 504])('passes nginx as it is: %i', async (status) => {
    const answer = await answerTo(get(`/status/${status}`))
    expect(answer).toMatchObject({
      statusCode: status,
      headers: { 'content-type': 'text/plain', 'x-request-id': 'of-the-service', 'x-own': 'yes' },
      body: `the service's own ${status}`,
    })
    expect(answer.headers).not.toHaveProperty('cache-control')
    expect(answer.headers).not.toHaveProperty('retry-after')
  })
})
