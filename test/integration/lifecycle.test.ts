import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type RunningService, startService } from '../support/service.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const lifecycleEvents = ({ lines }: RunningService) =>
  lines.map((line) => line.event).filter((event) => event.startsWith('service_'))

/** Holds every reader of the table until it is called. */
async function lockDeployments(): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query('begin; lock table deployments')
  return () => client.end()
}

const connectionRefused = (url: string) =>
  fetch(url).then(
    () => false,
    (error: Error) => (error.cause as { code?: string }).code === 'ECONNREFUSED',
  )

describe('a service that is told to stop', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s pauses for the proxy, lets a request finish and ends with 0',
    async (name) => {
      await using service = await startService({ DATABASE_URL: database.url, DRAIN_DELAY_MS: '800' })
      await service.logged('metrics_listening')
      const unlock = await lockDeployments()
      const running = fetch(`${service.url}/api/deployments`)
      await expect.poll(async () => (await fetch(service.metricsUrl)).text()).toContain('\nhttp_requests_in_flight 1\n')

      const begunMs = performance.now()
      service.signal(name)
      const { reason } = await service.logged('service_draining')
      expect(reason).toBe(name)
      const ready = await service.health('/ready')
      expect({ code: ready.statusCode, status: ready.body.status }).toEqual({ code: 503, status: 'draining' })
      const health = await service.health()
      expect({ code: health.statusCode, status: health.body.status }).toEqual({ code: 503, status: 'draining' })
      expect((await service.health('/live')).statusCode).toBe(200)
      const other = await fetch(`${service.url}/`)
      expect(other.status).toBe(200)
      expect(other.headers.get('connection')).toBe('close')

      await expect.poll(() => connectionRefused(service.url), { timeout: 5_000 }).toBe(true)
      expect(performance.now() - begunMs).toBeGreaterThanOrEqual(790)
      await unlock()
      const unlockedMs = performance.now()
      const answer = await running
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({ deployments: [{ version: expect.any(String), source: 'start' }] })
      expect(await service.exited).toBe(0)
      expect(performance.now() - unlockedMs).toBeLessThan(2_000)
      expect(lifecycleEvents(service)).toEqual([
        'service_starting',
        'service_ready',
        'service_draining',
        'service_stopped',
      ])
      expect(service.lines.filter((line) => line.event === 'shutdown_step_overdue')).toEqual([])
    },
  )

  it('twice does not wait for its pause, and has its stop recorded all the same', async () => {
    await using service = await startService({
      DATABASE_URL: database.url,
      DRAIN_DELAY_MS: '60000',
      FLY_MACHINE_ID: 'hurried',
    })
    await service.logged('metrics_listening')
    service.signal('SIGINT')
    await service.logged('service_draining')
    expect((await service.health('/ready')).statusCode).toBe(503)
    const begunMs = performance.now()
    service.signal('SIGTERM')
    expect(await service.exited).toBe(0)
    expect(performance.now() - begunMs).toBeLessThan(2_500)
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const { rows } = await client.query(`select kind from machine_events where machine_id = 'hurried' order by at, id`)
    await client.end()
    expect(rows.map(({ kind }) => kind)).toEqual(['start', 'ready', 'drain', 'stop'])
  })

  it('twice cuts off a request that does not end', async () => {
    await using service = await startService({ DATABASE_URL: database.url })
    await service.logged('metrics_listening')
    const unlock = await lockDeployments()
    const running = fetch(`${service.url}/api/deployments`).catch(() => 'cut off')
    await expect.poll(async () => (await fetch(service.metricsUrl)).text()).toContain('\nhttp_requests_in_flight 1\n')
    service.signal('SIGTERM')
    await expect.poll(() => connectionRefused(service.url), { timeout: 5_000 }).toBe(true)
    const begunMs = performance.now()
    service.signal('SIGTERM')
    expect(await running).toBe('cut off')
    expect(await service.exited).toBe(0)
    expect(performance.now() - begunMs).toBeLessThan(5_000)
    await unlock()
  })
})
