import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningNginx, startNginx } from '../support/nginx.ts'
import { exchangeRaw, type RawAnswer } from '../support/raw-http.ts'
import { expectNginxProblem } from './nginx-problem.ts'
import { startUnixUpstream, type UnixUpstream } from './unix-upstream.ts'

const cutWithinMs = 25_000
const tooMany = 'Too many requests from your address; wait as long as Retry-After says and send fewer.'

let upstream: UnixUpstream
beforeAll(async () => {
  upstream = await startUnixUpstream((request, response) => {
    request.resume().on('end', () => response.end('answered'))
  })
})
afterAll(() => upstream?.[Symbol.asyncDispose]())

describe('a slow client', () => {
  let nginx: RunningNginx
  beforeAll(async () => {
    nginx = await startNginx({ upstreamSocket: upstream.socketPath })
  })
  afterAll(() => nginx?.[Symbol.asyncDispose]())

  /** Sends `head`, then `drip` every so often; gives what came back until nginx ended the connection, and when it did. */
  async function trickle(head: string, drip: string, everyMs: number): Promise<{ received: string; tookMs: number }> {
    const begunMs = performance.now()
    const socket = connect(nginx.port, '127.0.0.1')
    const ended = text(socket).catch(() => '')
    socket.write(head)
    const dripping = setInterval(() => socket.write(drip), everyMs)
    socket.on('error', () => clearInterval(dripping))
    const received = await Promise.race([ended, delay(cutWithinMs, 'the connection is still open', { ref: false })])
    clearInterval(dripping)
    socket.destroy()
    return { received, tookMs: performance.now() - begunMs }
  }

  it('is cut off without a word, and the service never hears of it', async () => {
    const before = upstream.requests.length
    const slow = await Promise.all([
      trickle('', '', cutWithinMs),
      trickle('GET / HTTP/1.1\r\n', 'X-Drip: drop\r\n', 500),
      trickle('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n', '', cutWithinMs),
      trickle('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfir', '', cutWithinMs),
    ])
    for (const { received, tookMs } of slow) {
      expect(received).toBe('')
      expect(tookMs).toBeGreaterThan(9_000)
    }
    expect(upstream.requests.length).toBe(before)
    expect(await nginx.stderr()).toBe('')
  })

  it('whose body keeps coming is waited for', async () => {
    const head = 'POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 12\r\n\r\n'
    const { received } = await trickle(head, 'x', 1_000)
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(received).toMatch(/answered$/)
  })
})

describe('a connection without a request', () => {
  it('is kept for the next one, and ended when none comes', async () => {
    await using nginx = await startNginx({
      upstreamSocket: upstream.socketPath,
      changes: { 'keepalive_timeout 75s;': 'keepalive_timeout 3s;' },
    })
    const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
    const socket = connect(nginx.port, '127.0.0.1')
    const received = text(socket)
    socket.write(request)
    await delay(1_000)
    socket.write(request)
    expect((await received).match(/answered/g)).toHaveLength(2)
  })
})

describe('the limit on requests of one client', () => {
  // So that the burst alone counts, however fast this machine is: it does not grow again during the test.
  const slowly = { 'rate=1000r/s;': 'rate=1r/m;' }
  const burst = 1_000
  let nginx: RunningNginx
  beforeAll(async () => {
    nginx = await startNginx({ upstreamSocket: upstream.socketPath, changes: slowly })
  })
  afterAll(() => nginx?.[Symbol.asyncDispose]())

  async function send(count: number, client: string | undefined, path = '/'): Promise<readonly RawAnswer[]> {
    const header = client === undefined ? '' : `Fly-Client-IP: ${client}\r\n`
    const message = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${header}\r\n`
    const answers: RawAnswer[] = []
    while (answers.length < count) {
      // nginx ends a connection after 1,000 requests.
      const messages = Array<string>(Math.min(count - answers.length, 500)).fill(message)
      answers.push(...(await exchangeRaw(nginx.port, messages, messages.length)).answers)
    }
    return answers
  }
  const statuses = (answers: readonly RawAnswer[]) => [...new Set(answers.map(({ statusCode }) => statusCode))]

  it('answers 429 above the burst, and goes by Fly-Client-IP', async () => {
    expect(statuses(await send(burst + 1, '192.0.2.1'))).toEqual([200])
    for (const path of ['/', '/api/health', '/api/health/live']) {
      const [answer] = await send(1, '192.0.2.1', path)
      if (answer === undefined) expect.unreachable('there was no answer')
      const headers = { 'retry-after': '5' }
      const requestId = expectNginxProblem(answer, { status: 429, detail: tooMany, headers })
      expect(await nginx.logged(requestId)).toMatchObject({ statusCode: 429, client: '192.0.2.1', upstreamStatus: '' })
    }
    expect(statuses(await send(1, '2001:db8::1'))).toEqual([200])
    expect(await nginx.stderr()).toBe('')
  })

  it('never meets those who come without Fly-Client-IP: checks, supervisors, the private network', async () => {
    expect(statuses(await send(burst + 500, undefined, '/api/health/ready'))).toEqual([200])
  })

  it('counts an address as the same client whatever stands behind it', async () => {
    expect(statuses(await send(burst, '192.0.2.3'))).toEqual([200])
    expect(statuses(await send(1, `192.0.2.3, ${'x'.repeat(2_000)}`))).toEqual([200])
    expect(statuses(await send(1, '192.0.2.3 "}'))).toEqual([429])
  })
})
