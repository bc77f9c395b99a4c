import { createServer, type RequestListener } from 'node:http'
import supertest from 'supertest'
import { describe, expect, it, vi } from 'vitest'
import type { HealthAnswer, HealthRequest } from '../../src/health/routes.ts'
import { createEdge } from '../../src/http/edge.ts'
import { createRequestIds } from '../../src/http/request-id.ts'

const healthy: HealthAnswer = { status: 200, contentType: 'application/json', body: '{}', ascii: true }

function setUp(health: (request: HealthRequest) => HealthAnswer | Promise<HealthAnswer> = () => healthy) {
  const errors: [unknown, string][] = []
  const told: (string | number)[][] = []
  const edge = createEdge({
    health,
    nextRequestId: createRequestIds(Math.random),
    answerHeaders: (requestId) => ['X-Request-Id', requestId],
    clientOf: () => 'c1',
    draining: () => false,
    onProblem: ({ url }, ...problem) => told.push([String(url), ...problem]),
    onHealthAnswer: ({ url }, ...answer) => told.push([String(url), ...answer]),
    onError: (error, requestId) => errors.push([error, requestId]),
  })
  return { errors, told, mount: edge.mount, agent: supertest(createServer(edge.listener)) }
}

const requestId = { 'X-Request-Id': 'r1' }
const app: RequestListener = (request, response) => response.end(`app: ${request.url}`)

describe('the edge', () => {
  it('answers health while Express is not there, and keeps all others until it is', async () => {
    const { agent, mount } = setUp()
    const early = agent.get('/early').then((answer) => answer.text)
    expect((await agent.get('/api/health')).text).toBe('{}')
    mount(app)
    expect(await early).toBe('app: /early')
    expect((await agent.get('/api/healthy?x=1')).text).toBe('app: /api/healthy?x=1')
  })

  it('hands on what follows the path of health, and what the caller sent', async () => {
    const health = vi.fn(() => healthy)
    await setUp(health)
      .agent.get('/api/health/deep?only=a%2Cb')
      .set({ Accept: 'text/plain', Authorization: 'Bearer t' })
    expect(health).toHaveBeenCalledExactlyOnceWith({
      ...{ method: 'GET', path: '/deep', query: 'only=a%2Cb', accept: 'text/plain', authorization: 'Bearer t' },
      client: expect.any(Function),
    })
  })

  const boom = new Error('password is hunter2')
  it.each([
    [
      'throws',
      () => {
        throw boom
      },
    ],
    ['rejects', () => Promise.reject(boom)],
    ['has a header that can not be sent', () => ({ ...healthy, headers: ['X-A', 'line\nbreak'] })],
  ])('answers 500 without the text of the error when health %s, and tells of it once', async (_, health) => {
    const { agent, errors, told } = setUp(health)
    const answer = await agent.get('/api/health').set(requestId)
    expect([answer.status, answer.body]).toEqual([
      500,
      {
        type: 'about:blank',
        title: 'Internal Server Error',
        status: 500,
        detail: 'The health answer failed; see the log.',
        requestId: 'r1',
      },
    ])
    expect(errors).toEqual([[expect.any(Error), 'r1']])
    expect(told).toEqual([])
  })

  it('tells once of each answer and each refusal', async () => {
    const refusal = { problem: { status: 405, detail: 'no', headers: { Allow: 'GET' } } }
    const { agent, told } = setUp(({ method }) => (method === 'GET' ? healthy : refusal))
    await agent.get('/api/health').set(requestId)
    expect((await agent.post('/api/health').set(requestId)).headers.allow).toBe('GET')
    await agent.get('/%ff').set(requestId)
    expect(told).toEqual([
      ['/api/health', 200, 'r1'],
      ['/api/health', 405, 'r1', 'no'],
      ['/%ff', 400, 'r1', 'The path is not valid percent-encoded UTF-8; encode it again.'],
    ])
  })
})
