import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { probeSelf } from '../../src/history/self-probe.ts'
import { readObservation } from '../../src/observation/read-observation.ts'

const servers: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const machine = { id: 'one', region: 'iad', app: undefined, imageRef: undefined, version: undefined }
const probe = (port: number) =>
  probeSelf({
    config: { listen: { port: 5_000 }, notifyFd: undefined, machine },
    ...{ port, version: '1.0.0', wallMs: () => Date.UTC(2026, 10, 22, 10) },
  })

it('tells of itself what its health answer says, as an observation that any reader takes', async () => {
  const reasons = [{ check: 'database', status: 'unhealthy', code: 'timeout', since: 'then', consecutiveFailures: 3 }]
  const body = { status: 'unhealthy', services: { database: { responseTime: 2.5 } }, reasons }
  const port = await serve((request, response) => {
    expect(request.url).toBe('/api/health')
    response.writeHead(503, { 'Medio-Uptime-Ms': '1234', 'Medio-Resume-Ms': '5' }).end(JSON.stringify(body))
  })
  const observation = await probe(port)
  expect(observation).toEqual({
    ...{ id: expect.any(String), at: '2026-11-22T10:00:00.000Z', target: 'service', source: 'self', region: 'iad' },
    ...{ machine: 'one', version: '1.0.0', durationMs: expect.any(Number), statusCode: 503, healthStatus: 'unhealthy' },
    ...{ uptimeMs: 1_234, resumeMs: 5, databaseMs: 2.5, reasons: [{ check: 'database', code: 'timeout' }] },
  })
  expect(readObservation(observation)).toEqual({ observation })
})

it.each([
  ['bad_response', 200, (async () => serve((_, response) => response.end('<html>'))) as () => Promise<number>],
  ['connection_refused', undefined, async () => 1],
  [
    'connection_lost',
    undefined,
    async () => serve((_, response) => response.writeHead(200).write('{') && response.destroy()),
  ],
])('tells of itself that there was no usable answer: %s', async (errorCode, statusCode, begin) => {
  const observation = await probe(await begin())
  expect([observation.errorCode, observation.statusCode]).toEqual([errorCode, statusCode])
  expect(readObservation(observation)).toEqual({ observation })
})
