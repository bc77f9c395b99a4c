import { expect, it } from 'vitest'
import { logQueries } from '../../scripts/logs/log-queries.ts'
import { readProjectFile } from '../contracts/project-files.ts'
import { parseLogql } from '../support/logql.ts'
import { startNginx } from '../support/nginx.ts'

it('the question about failures of nginx names fields that a real line of a failed request has', async () => {
  await using nginx = await startNginx({
    upstreamSocket: '/nonexistent/node.sock',
    changes: { 'flush=1s': 'flush=20ms' },
  })
  const response = await fetch(`http://127.0.0.1:${nginx.port}/api/machines`, { headers: { 'X-Request-Id': 'r-1' } })
  expect(response.status).toBe(502)
  await nginx.logged('r-1')
  const line = JSON.parse((await nginx.accessLog()).trim()) as Record<string, unknown>
  const { filters, extracted } = parseLogql(logQueries.find(({ name }) => name === 'nginx-failures')?.logql ?? '')
  expect(filters).toEqual([{ label: 'event', op: '=', value: line.event }])
  expect(Object.fromEntries(extracted.map(({ name, path }) => [name, line[path]]))).toEqual({
    path: '/api/machines',
    statusCode: 502,
    durationSeconds: expect.any(Number),
    // Tried twice: nginx asks once more when nobody listens.
    upstreamStatus: '502, 502',
  })
  expect(line).toMatchObject({ level: expect.stringMatching(/^(warn|error)$/), requestId: 'r-1' })
})

it('the question about ended machines names events that the supervisor writes', () => {
  const supervisor = readProjectFile('src/bin/supervise')
  const { filters } = parseLogql(logQueries.find(({ name }) => name === 'ended-machines')?.logql ?? '')
  const events = filters.flatMap(({ value }) => value.split('|'))
  expect(events).toHaveLength(4)
  expect(events.filter((event) => !supervisor.includes(event))).toEqual([])
})
