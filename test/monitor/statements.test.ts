import { afterEach, beforeEach, expect, it } from 'vitest'
import { fetchStatements } from '../../src/monitor/statements.ts'
import { type ProbedServer, startProbedServer } from '../support/probed-server.ts'

const token = 'operator-token-0123456789'
let server: ProbedServer
beforeEach(async () => {
  server = await startProbedServer()
})
afterEach(() => server.close())

const statement = { query: 'select $1', calls: 3, totalMs: 30, meanMs: 10, maxMs: 20 }
const asked = () => fetchStatements(new URL(server.url), { token, signal: new AbortController().signal })

it('the top statements of a service are asked for with the token, and odd ones are left out', async () => {
  const requests: unknown[] = []
  server.answer((request, response) => {
    requests.push([request.url, request.headers.authorization])
    response.end(
      JSON.stringify({ statements: [statement, { query: 'no figures' }, null, { ...statement, userid: 10 }] }),
    )
  })
  expect(await asked()).toEqual({ statements: [statement, statement], gaps: [] })
  expect(requests).toEqual([['/api/health?format=json', `Bearer ${token}`]])
})

it.each([
  [401, '{}', /^The top statements could not be read: \S+ answered 401\.$/],
  [200, '{"schemaVersion":1}', /has no top statements: pg_stat_statements is not installed there\.$/],
  [200, 'no JSON', /^The top statements could not be read: \S+ did not answer \(SyntaxError\)\.$/],
  [302, '', /^The top statements could not be read: /],
])('top statements that can not be had (%i, %j) are a gap', async (statusCode, body, gap) => {
  server.answer((_request, response) => response.writeHead(statusCode, { Location: '/elsewhere' }).end(body))
  expect(await asked()).toEqual({ gaps: [expect.stringMatching(gap)] })
})
