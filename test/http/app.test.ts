import { Router } from 'express'
import supertest from 'supertest'
import { beforeEach, describe, expect, it } from 'vitest'
import { DatabaseError } from '../../src/errors.ts'
import { createApp } from '../../src/http/app.ts'
import { createRequestIds } from '../../src/http/request-id.ts'
import type { FinishedRequest } from '../../src/http/request-observer.ts'

const finished: FinishedRequest[] = []
const reported: [unknown, string][] = []
let inFlight = 0

beforeEach(() => {
  finished.splice(0)
  reported.splice(0)
  inFlight = 0
})

function appWith(...routers: Router[]) {
  return createApp({
    production: true,
    index: { name: 'medio-backend' },
    routers,
    nextRequestId: createRequestIds(Math.random),
    answerHeaders: (requestId) => ['X-Request-Id', requestId, 'Medio-Machine', 'm1'],
    onStarted: () => {
      inFlight += 1
    },
    onFinished: (each) => {
      inFlight -= 1
      finished.push(each)
    },
    onError: (error, requestId) => reported.push([error, requestId]),
  })
}

/** A route that fails as told. */
function failing(fail: () => unknown): Router {
  const router = Router()
  router.get('/api/things/:id', fail)
  return router
}

const ask = (router: Router) => supertest(appWith(router)).get('/api/things/7?secret=1').set('X-Request-Id', 'r1')

describe('a route that fails', () => {
  const boom = new Error('password is hunter2')
  const internal = {
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
    detail: 'The request failed here; quote the request id when you report it.',
    requestId: 'r1',
  }

  it.each([
    ['throws', boom, () => Promise.reject(boom)],
    [
      'throws at once',
      boom,
      () => {
        throw boom
      },
    ],
    ['throws no error', 'hunter2', () => Promise.reject('hunter2')],
    [
      'throws an error that claims a status below 400',
      expect.objectContaining({ status: 200 }),
      () => Promise.reject(Object.assign(new Error('hunter2'), { status: 200 })),
    ],
    [
      'throws an error with a status of no number',
      expect.objectContaining({ status: 'x' }),
      () => Promise.reject(Object.assign(new Error('hunter2'), { status: 'x' })),
    ],
  ])('as it %s gets 500 without its text, and one report with it', async (_, error, fail) => {
    const answer = await ask(failing(fail))
    expect([answer.status, answer.body]).toEqual([500, internal])
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
      'medio-machine': 'm1',
      'x-request-id': 'r1',
    })
    expect(reported).toEqual([[error, 'r1']])
    expect(finished).toMatchObject([
      { method: 'GET', route: '/api/things/:id', path: '/api/things/7', statusCode: 500, aborted: false, error },
    ])
    expect([inFlight, finished[0]?.detail]).toEqual([0, undefined])
  })

  it('in the middle of its answer is cut off: half an answer must not look whole', async () => {
    const router = Router()
    router.get('/api/things/:id', (_request, response) => {
      response.status(200).set('Content-Length', '100').write('the first half')
      throw boom
    })
    await expect(ask(router)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(reported).toEqual([[boom, 'r1']])
    expect(finished).toMatchObject([{ statusCode: 499, aborted: true, error: boom }])
  })

  it.each([
    ['no answer', undefined, 503],
    ['a lost connection', '08006', 503],
    ['too many connections', '53300', 503],
    ['a server that stops', '57P01', 503],
    ['a statement time-out', '57014', 503],
    ['a lock time-out', '55P03', 503],
    ['a server that takes no writes', '25006', 503],
    ['a statement of ours that is wrong', '42601', 500],
    ['a value that does not fit', '22P02', 500],
  ])('for %s of the database (SQLSTATE %s) gets %i', async (_, sqlState, statusCode) => {
    const error = new DatabaseError('things.list', sqlState, new Error('connect ECONNREFUSED db.internal:5432'))
    const answer = await ask(failing(() => Promise.reject(error)))
    expect([answer.status, answer.headers['retry-after']]).toEqual([statusCode, statusCode === 503 ? '5' : undefined])
    expect(answer.text).not.toContain('db.internal')
    // An outage of the database is told by health and metrics; Sentry gets what is wrong with the code.
    expect(reported).toEqual(statusCode === 503 ? [] : [[error, 'r1']])
    expect(finished).toMatchObject([{ statusCode, error }])
  })
})

describe('the index', () => {
  it('answers GET and HEAD with its name and no tag', async () => {
    const [get, head] = [await supertest(appWith()).get('/'), await supertest(appWith()).head('/')]
    expect([get.status, get.body]).toEqual([200, { name: 'medio-backend' }])
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, undefined, String(get.text.length)])
    expect(get.headers).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'strict-transport-security': 'max-age=31536000',
    })
    expect(get.headers).not.toHaveProperty('etag')
    expect(get.headers).not.toHaveProperty('x-powered-by')
    expect(finished.map(({ method, route }) => [method, route])).toEqual([
      ['GET', '/'],
      ['HEAD', '/'],
    ])
  })

  it('gives the id of the request back when it is safe, and one of its own otherwise', async () => {
    const kept = await supertest(appWith()).get('/').set('X-Request-Id', 'a.b_c-9')
    expect(kept.headers['x-request-id']).toBe('a.b_c-9')
    for (const forged of ['a b', '<script>', 'x'.repeat(129), '{"a":1}', 'é']) {
      const answer = await supertest(appWith()).get('/').set('X-Request-Id', Buffer.from(forged).toString('latin1'))
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-z]{12}-1$/)
    }
  })
})
