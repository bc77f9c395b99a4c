import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InProcessService, startInProcess } from '../support/in-process-service.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { exchangeRaw, type RawAnswer } from '../support/raw-http.ts'

let database: TestDatabase
let service: InProcessService

beforeAll(async () => {
  database = await createTestDatabase()
  service = await startInProcess({ DATABASE_URL: database.url })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await database.drop()
})

const health = 'GET /api/health/live HTTP/1.1\r\nHost: x\r\n\r\n'
const post = 'POST /api/deployments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'

/** What every refusal has, whoever gave it: Node's parser, the edge or Express. */
async function expectProblem(answer: RawAnswer | undefined, statusCode: number, title: string, detail: string) {
  expect(answer?.statusCode).toBe(statusCode)
  const { headers = {}, body = '' } = answer ?? {}
  expect(JSON.parse(body)).toEqual({
    type: 'about:blank',
    title,
    status: statusCode,
    detail,
    requestId: headers['x-request-id'],
  })
  expect(headers).toMatchObject({
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'medio-machine': 'local',
    'medio-region': 'local',
  })
  expect(headers['medio-uptime-ms']).toMatch(/^\d+$/)
  expect(headers['server-timing']).toMatch(/^start;dur=[\d.]+$/)
  const lines = await service.linesOf(String(headers['x-request-id']))
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatchObject({ level: 'info', statusCode })
}

const notWellFormed = 'The request is not well-formed HTTP/1.1; check its first line and headers.'

describe('bytes that are no request', () => {
  it.each([
    ['a first line of nonsense', 'nonsense\r\n\r\n'],
    ['a method that nobody knows', 'BREW /api/health HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a version of the future', 'GET /api/health HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['the first bytes of TLS', Buffer.from('16030100c8010000c40303', 'hex')],
    ['a NUL in the path', 'GET /api/health\0 HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a line break in a header', 'GET /api/health HTTP/1.1\r\nHost: x\r\nX-A: b\rX-C: d\r\n\r\n'],
    ['a space before the colon', 'GET /api/health HTTP/1.1\r\nHost: x\r\nX-A : b\r\n\r\n'],
    ['a folded header', 'GET /api/health HTTP/1.1\r\n Host: x\r\n\r\n'],
    [
      'Content-Length beside Transfer-Encoding',
      `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['two lengths', `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['two equal lengths', `${post}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`],
    ['a negative length', `${post}Content-Length: -1\r\n\r\n`],
    ['a length that is no number', `${post}Content-Length: 0x2\r\n\r\n{}`],
    ['a coding after chunked', `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ['a chunk without a size', `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
  ])('%s gets 400 as a problem, and the connection ends', async (_, bytes) => {
    const smuggled = Buffer.concat([Buffer.from(bytes), Buffer.from(health)])
    const { answers, closed, rest } = await exchangeRaw(service.port, [smuggled])
    expect([answers.length, closed, rest]).toEqual([1, true, ''])
    expect(answers[0]?.headers.connection).toBe('close')
    await expectProblem(answers[0], 400, 'Bad Request', notWellFormed)
  })

  it('gets no second meaning: what follows a refused request is not answered', async () => {
    const inner = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
    const bytes = `${post}Content-Length: ${inner.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`
    const { answers } = await exchangeRaw(service.port, [bytes])
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([400])
    expect(service.lines.filter((line) => line.path === '/smuggled')).toEqual([])
  })

  it('gets its answer also on a connection that has answered before', async () => {
    const { answers } = await exchangeRaw(service.port, [health, 'nonsense\r\n\r\n'])
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 400])
    await expectProblem(answers[1], 400, 'Bad Request', notWellFormed)
  })

  it('without a Host gets 400 like all others', async () => {
    const { answers } = await exchangeRaw(service.port, ['GET /api/health/live HTTP/1.1\r\n\r\n', health], 2)
    await expectProblem(answers[0], 400, 'Bad Request', 'HTTP/1.1 needs a Host header; send one.')
    expect(answers[1]?.statusCode).toBe(200)
  })

  it('that expect what nobody can meet are answered as if they did not', async () => {
    const bytes = 'GET /api/health/live HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n'
    const { answers } = await exchangeRaw(service.port, [bytes], 1)
    expect([answers[0]?.statusCode, answers[0]?.headers['medio-machine']]).toEqual([200, 'local'])
  })

  it.each([
    ['1 MB of headers', `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(2 ** 20)}\r\n\r\n`],
    ['a URL of 1 MB', `GET /${'a'.repeat(2 ** 20)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['a thousand cookies', `GET / HTTP/1.1\r\nHost: x\r\n${`Cookie: ${'a'.repeat(20)}\r\n`.repeat(1_000)}\r\n`],
  ])('and %s get 431, read to the end by the caller', async (_, bytes) => {
    for (const messages of [[bytes], [health, bytes]]) {
      const { answers, closed } = await exchangeRaw(service.port, messages)
      expect([answers.length, closed]).toEqual([messages.length, true])
      const detail = 'The request headers are too large; send fewer or shorter ones.'
      await expectProblem(answers.at(-1), 431, 'Request Header Fields Too Large', detail)
    }
  })
})

describe('a path', () => {
  const notDecodable = 'The path is not valid percent-encoded UTF-8; encode it again.'

  it.each(['/%zz', '/%', '/%E0%A4%A', '/api/health/%ff', '/api/health/checks/%c0%ae'])(
    '%s that can not be decoded gets 400',
    async (path) => {
      const { answers } = await exchangeRaw(service.port, [`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`], 1)
      await expectProblem(answers[0], 400, 'Bad Request', notDecodable)
      const [line] = await service.linesOf(String(answers[0]?.headers['x-request-id']))
      expect(line).toMatchObject({ event: 'request_completed', method: 'GET', path, detail: notDecodable })
    },
  )

  it.each([
    '/nothing',
    '//api/health',
    '/api',
    '/api/healthy',
    '/api/health%2Flive',
    '/API/HEALTH',
    '/%00',
    '/..%2f..%2fetc%2fpasswd',
    '/.env',
    '/constructor',
    '/__proto__',
    '*',
  ])('%s that leads nowhere gets 404', async (path) => {
    const { answers } = await exchangeRaw(service.port, [`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`], 1)
    const detail = `There is nothing at ${path}; GET / lists what there is.`
    await expectProblem(answers[0], 404, 'Not Found', detail)
    const [line] = await service.linesOf(String(answers[0]?.headers['x-request-id']))
    expect(line).toMatchObject({ event: 'request_completed', method: 'GET', path, route: 'unmatched' })
  })

  it('of 16,000 characters is not repeated whole in the answer and the log', async () => {
    const path = `/${'a'.repeat(16_000)}`
    const { answers } = await exchangeRaw(service.port, [`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`], 1)
    const shown = `/${'a'.repeat(255)}…`
    await expectProblem(answers[0], 404, 'Not Found', `There is nothing at ${shown}; GET / lists what there is.`)
    const [line] = await service.linesOf(String(answers[0]?.headers['x-request-id']))
    expect(line?.path).toBe(shown)
  })

  it.each([
    ['/api/health/live', 200],
    ['/', 200],
    ['/nothing', 404],
  ])('in absolute form, %s, means the same (RFC 9112, 3.2.2)', async (path, statusCode) => {
    for (const origin of ['http://medio.example', 'https://medio.example:8443', 'HTTP://x']) {
      const { answers } = await exchangeRaw(service.port, [`GET ${origin}${path} HTTP/1.1\r\nHost: x\r\n\r\n`], 1)
      expect(answers[0]?.statusCode).toBe(statusCode)
    }
  })

  it('in absolute form may end with the host', async () => {
    const { answers } = await exchangeRaw(service.port, ['GET http://x?format=json HTTP/1.1\r\nHost: x\r\n\r\n'], 1)
    expect(answers[0]?.statusCode).toBe(200)
    expect(JSON.parse(answers[0]?.body ?? '')).toMatchObject({ name: 'medio-backend' })
  })
})

describe('a method', () => {
  const request = (method: string, path: string) => `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'])(
    '%s that a path does not have gets 405 with those that it has',
    async (method) => {
      const paths = { '/': 'GET, HEAD', '/api/health': 'GET, HEAD', '/api/health/checks/disk': 'GET, HEAD' }
      const all = method === 'POST' ? paths : { ...paths, '/api/deployments': 'GET, HEAD, POST' }
      for (const [path, allow] of Object.entries(all)) {
        const { answers } = await exchangeRaw(service.port, [request(method, path)], 1)
        expect(answers[0]?.headers.allow).toBe(allow)
        await expectProblem(answers[0], 405, 'Method Not Allowed', `${method} is not possible here; use ${allow}.`)
      }
    },
  )

  it('CONNECT gets no answer: there is no tunnel, and Node closes the connection', async () => {
    const { answers, closed } = await exchangeRaw(service.port, ['CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n'])
    expect([answers, closed]).toEqual([[], true])
    expect((await exchangeRaw(service.port, [health], 1)).answers[0]?.statusCode).toBe(200)
  })

  it('OPTIONS for the whole server gets 404: there is nothing to say of it', async () => {
    const { answers } = await exchangeRaw(service.port, [request('OPTIONS', '*')], 1)
    await expectProblem(answers[0], 404, 'Not Found', 'There is nothing at *; GET / lists what there is.')
  })
})

describe('the next request on the same connection', () => {
  it('is answered after every refusal that leaves the connection whole', async () => {
    const refused = [
      'GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n',
      'POST /api/health HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello',
      `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    ]
    const { answers } = await exchangeRaw(service.port, [...refused, health], 5)
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([400, 404, 405, 405, 200])
  })

  it('is answered in its turn when several are sent at once', async () => {
    const deep = 'GET /api/health/checks/disk HTTP/1.1\r\nHost: x\r\n\r\n'
    const { answers } = await exchangeRaw(service.port, [`${deep}${health}`], 2)
    expect(answers.map(({ body }) => JSON.parse(body).status)).toEqual([expect.not.stringMatching('alive'), 'alive'])
  })

  it.each(['/', '/nothing', '/api/health', '/api/health/deep', '/api/health/nothing'])(
    'is not garbled by HEAD %s: no byte follows its headers',
    async (path) => {
      const { rest } = await exchangeRaw(service.port, [
        `HEAD ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      ])
      expect(rest).toMatch(/^HTTP\/1\.1 (200|404) .*\r\nContent-Length: [1-9]\d+\r\n.*\r\n\r\n$/s)
    },
  )

  it('of HTTP/1.0 is answered and the connection closed', async () => {
    const { answers, closed } = await exchangeRaw(service.port, ['GET /api/health/live HTTP/1.0\r\n\r\n'])
    expect([answers[0]?.statusCode, answers[0]?.headers.connection, closed]).toEqual([200, 'close', true])
  })
})
