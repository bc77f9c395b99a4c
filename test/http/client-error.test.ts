import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { createClientErrorHandler } from '../../src/http/client-error.ts'
import { createHttpServer, serverTimeouts } from '../../src/http/listen.ts'
import { listenOnLoopback } from '../support/loopback-server.ts'
import { exchangeRaw } from '../support/raw-http.ts'

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

async function serve(server: Server) {
  const problems: [number, string, string][] = []
  let count = 0
  server.on(
    'clientError',
    createClientErrorHandler({
      requestId: () => {
        count += 1
        return `id-${count}`
      },
      answerHeaders: (requestId) => ['X-Request-Id', requestId],
      onProblem: (...problem) => problems.push(problem),
    }),
  )
  const { port, connections, close } = await listenOnLoopback(server)
  ends.push(close)
  return { port, connections, problems }
}

const quick = { ...serverTimeouts, headersTimeout: 100, requestTimeout: 300, connectionsCheckingInterval: 20 }

describe('a caller that takes its time', () => {
  it.each([
    ['headers', 'GET / HTTP/1.1\r\nHost: x\r\nX-A: '],
    ['a first line', 'GET /'],
    ['a body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc'],
    ['chunks', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
  ])('over %s gets 408 as a problem, and the connection ends', async (_, bytes) => {
    const server = createHttpServer((request, response) => request.resume().on('end', () => response.end()), quick)
    const { port, problems, connections } = await serve(server)
    const { answers, closed } = await exchangeRaw(port, [bytes])
    expect(closed).toBe(true)
    expect(answers.map(({ statusCode, headers }) => [statusCode, headers.connection])).toEqual([[408, 'close']])
    expect(JSON.parse(answers[0]?.body ?? '')).toEqual({
      type: 'about:blank',
      title: 'Request Timeout',
      status: 408,
      detail: 'The request did not arrive whole in time; send it again.',
      requestId: 'id-1',
    })
    expect(problems).toEqual([[408, 'id-1', 'ERR_HTTP_REQUEST_TIMEOUT']])
    await expect.poll(connections).toBe(0)
  })

  it('without a byte sent is closed without a word, since a pool may be about to use it', async () => {
    const { port, connections, problems } = await serve(createServer(quick))
    const socket = connect({ port, host: '127.0.0.1' })
    let text = ''
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    await once(socket, 'close')
    expect([text, problems]).toEqual(['', []])
    await expect.poll(connections).toBe(0)
  })

  it('has the seconds that are configured, and the idle time outlasts that of nginx', () => {
    const server = createHttpServer(() => undefined)
    expect([server.headersTimeout, server.requestTimeout]).toEqual([60_000, 60_000])
    expect(server.keepAliveTimeout).toBeGreaterThan(60_000)
  })
})

describe('a caller that was refused', () => {
  it('and keeps its side open is let go all the same', async () => {
    const { port, connections } = await serve(createServer())
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.resume()
    socket.write('nonsense\r\n\r\n')
    await once(socket, 'end')
    expect(connections()).toBe(1)
    await expect.poll(connections, { timeout: 5_000 }).toBe(0)
    socket.destroy()
  })

  it('and goes on sending reads its answer, and makes one line', async () => {
    const { port, problems } = await serve(createServer())
    const socket = connect({ port, host: '127.0.0.1' })
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += String(chunk)
    })
    const write = promisify<string, void>((bytes, done) => socket.write(bytes, () => done(null)))
    for (let sent = 0; sent < 20; sent += 1) await write(`nonsense ${'a'.repeat(50_000)}\r\n`)
    await once(socket, 'close')
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(problems).toHaveLength(1)
  })

  it('in the middle of an answer is cut off: a second one would garble it', async () => {
    const server = createServer((_request, response) =>
      response.writeHead(200, { 'Content-Length': 100 }).write('half'),
    )
    const { port, problems } = await serve(server)
    const socket = connect({ port, host: '127.0.0.1' })
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += String(chunk)
      if (text.endsWith('half')) socket.write('nonsense\r\n\r\n')
    })
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'close')
    expect(text).toMatch(/\r\n\r\nhalf$/)
    expect(problems).toEqual([])
  })
})
