import { Router } from 'express'
import supertest from 'supertest'
import { expect, it } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { createRequestIds } from '../../src/http/request-id.ts'
import type { FinishedRequest } from '../../src/http/request-observer.ts'
import { requestContext } from '../../src/telemetry/request-context.ts'
import { recordingTracing } from '../telemetry/recording-tracing.ts'

function setUp() {
  const { tracing, spans } = recordingTracing()
  const finished: FinishedRequest[] = []
  const seen: (string | undefined)[] = []
  const router = Router()
  router.get('/api/things/:id', (_request, response) => {
    seen.push(requestContext.getStore()?.span?.spanId)
    response.json({})
  })
  router.get('/api/broken', () => {
    throw new RangeError('password is hunter2')
  })
  router.get('/api/slow', () => undefined)
  const app = createApp({
    ...{ production: true, index: {}, routers: [router], nextRequestId: createRequestIds(Math.random) },
    answerHeaders: (requestId) => ['X-Request-Id', requestId],
    tracing: () => tracing,
    onStarted: () => undefined,
    onFinished: (each) => finished.push(each),
    onError: () => undefined,
  })
  return { app, spans, finished, seen }
}

it('names a request’s span after its route, and keeps its query and its caller out', async () => {
  const { app, spans, finished, seen } = setUp()
  const headers = { traceparent: '00-a-b-01', tracestate: 'v=1', 'X-Forwarded-Proto': 'https', 'X-Request-Id': 'r1' }
  await supertest(app)
    .get('/api/things/7?token=secret')
    .set({ ...headers, 'Fly-Request-Id': 'f1' })
  expect(spans).toMatchObject([
    {
      ...{ name: 'GET /api/things/:id', kind: 'server', failure: undefined },
      headers: { traceparent: '00-a-b-01', tracestate: 'v=1' },
      attributes: {
        ...{ 'http.request.method': 'GET', 'http.route': '/api/things/:id', 'http.response.status_code': 200 },
        ...{ 'url.path': '/api/things/7', 'url.scheme': 'https', 'network.protocol.version': '1.1' },
        ...{ 'medio.request_id': 'r1', 'fly.request_id': 'f1' },
      },
    },
  ])
  expect(seen).toEqual(['span-1'])
  expect(finished[0]?.span).toMatchObject({ traceId: 'trace-1', spanId: 'span-1' })
  expect(JSON.stringify(spans)).not.toContain('secret')
})

it('fails the span of a request that fails, with the class of its error and without its text', async () => {
  const { app, spans } = setUp()
  await supertest(app).get('/api/broken')
  expect(spans[0]).toMatchObject({ name: 'GET /api/broken', failure: { type: 'RangeError' } })
  expect(JSON.stringify(spans)).not.toContain('hunter2')
})

it('calls a method that HTTP does not have _OTHER, so that callers can’t name spans', async () => {
  const { app, spans } = setUp()
  await supertest(app).propfind('/nothing')
  expect(spans[0]).toMatchObject({
    name: 'HTTP',
    attributes: { 'http.request.method': '_OTHER', 'http.request.method_original': 'PROPFIND' },
  })
})

it('says of a request whose caller went away that it was aborted', async () => {
  const { app, spans } = setUp()
  await expect(supertest(app).get('/api/slow').timeout(50)).rejects.toThrow('Timeout')
  await expect.poll(() => spans.length).toBe(1)
  expect(spans[0]).toMatchObject({
    failure: undefined,
    attributes: { 'http.response.status_code': 499, 'medio.aborted': true },
  })
})
