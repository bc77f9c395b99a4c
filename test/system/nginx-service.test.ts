import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bodyLimitBytes } from '../../src/http/body-limits.ts'
import { problemBody, problemContentType } from '../../src/http/problem.ts'
import { type RunningNginx, startNginx } from '../support/nginx.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { exchangeRaw } from '../support/raw-http.ts'
import { type RunningService, startService } from '../support/service.ts'
import { expectNginxProblem, generatedId } from './nginx-problem.ts'

const probeToken = 'probe-token-behind-nginx'

let directory: string
let database: TestDatabase
let service: RunningService
let nginx: RunningNginx
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'medio-socket-'))
  database = await createTestDatabase()
  const upstreamSocket = join(directory, 'node.sock')
  const env = { DATABASE_URL: database.url, PROBE_TOKEN: probeToken, PORT: '', SOCKET_PATH: upstreamSocket }
  service = await startService(env)
  await service.logged('service_ready')
  nginx = await startNginx({ upstreamSocket })
})
afterAll(async () => {
  await nginx?.[Symbol.asyncDispose]()
  await service?.[Symbol.asyncDispose]()
  await database?.drop()
  await rm(directory, { recursive: true })
})

describe('the service behind nginx', () => {
  it.each(['', '/live', '/ready', '/startup', '/deep'])('answers health through it: %s', async (path) => {
    const response = await fetch(`${nginx.url}/api/health${path}`, {
      headers: { 'X-Request-Id': `of-health${path.slice(1)}` },
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-request-id')).toBe(`of-health${path.slice(1)}`)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(Number(response.headers.get('medio-uptime-ms'))).toBeGreaterThan(0)
  })

  it('logs the id that nginx made, and answers with it', async () => {
    const response = await fetch(nginx.url)
    const requestId = response.headers.get('x-request-id') ?? ''
    expect(requestId).toMatch(generatedId)
    await vi.waitUntil(() => service.lines.some((line) => line.requestId === requestId))
    const own = service.lines.find((line) => line.requestId === requestId)
    expect(own).toMatchObject({ event: 'request_completed', path: '/', statusCode: 200 })
    expect(await nginx.logged(requestId)).toMatchObject({ path: '/', statusCode: 200, upstreamStatus: '200' })
  })

  it('answers its own problems', async () => {
    for (const [path, init, status, detail] of [
      ['/none', {}, 404, 'There is nothing at /none; GET / lists what there is.'],
      ['/api/deployments', { method: 'PUT' }, 405, 'PUT is not possible here; use GET, HEAD, POST.'],
    ] as const) {
      const response = await fetch(`${nginx.url}${path}`, init)
      const requestId = response.headers.get('x-request-id') ?? ''
      expect(response.headers.get('content-type')).toBe(problemContentType)
      expect(await response.text()).toBe(problemBody({ status, detail }, requestId))
      expect(response.headers.get('medio-machine')).toBe('local')
    }
  })

  it('hears of the largest body that a route of it takes, and nginx refuses a larger one', async () => {
    const largest = Math.max(...Object.values(bodyLimitBytes))
    expect(bodyLimitBytes.observations).toBe(largest)
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${probeToken}` }
    const sent = async (bodyBytes: number) => {
      const body = `{"target":"${'x'.repeat(bodyBytes - '{"target":""}'.length)}"}`
      const response = await fetch(`${nginx.url}/api/observations`, { method: 'POST', headers, body })
      return { statusCode: response.status, machine: response.headers.get('medio-machine') }
    }
    expect(await sent(largest)).toEqual({ statusCode: 400, machine: 'local' })
    expect(await sent(largest + 1)).toEqual({ statusCode: 413, machine: null })
  })

  it('serves a caller of HTTP/1.0, as the supervisor is one', async () => {
    const { answers } = await exchangeRaw(nginx.port, ['GET /api/health/live HTTP/1.0\r\nHost: localhost\r\n\r\n'], 1)
    expect(answers[0]).toMatchObject({ statusCode: 200, headers: { connection: 'close' } })
  })

  it('is told to be stuck within the time of live, and answers the first request after it', async () => {
    service.signal('SIGSTOP')
    try {
      const stuck = Array.from({ length: 5 }, () =>
        exchangeRaw(nginx.port, ['GET /api/health/live HTTP/1.1\r\nHost: a\r\n\r\n'], 1),
      )
      for (const { answers } of await Promise.all(stuck)) {
        const [answer] = answers
        if (answer === undefined) expect.unreachable('there was no answer')
        expectNginxProblem(answer, {
          status: 504,
          detail:
            'The service did not answer in time; wait as long as Retry-After says. It may yet do what a POST asked for.',
          headers: { 'retry-after': '5' },
        })
      }
    } finally {
      service.signal('SIGCONT')
    }
    expect((await fetch(`${nginx.url}/api/health/live`)).status).toBe(200)
    expect((await fetch(nginx.url)).status).toBe(200)
  })
})
