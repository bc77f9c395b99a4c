import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { startService } from '../support/service.ts'

let database: TestDatabase
let observer: pg.Client
beforeAll(async () => {
  database = await createTestDatabase()
  observer = new pg.Client({ connectionString: database.url, application_name: 'observer' })
  await observer.connect()
})
afterAll(async () => {
  await observer.end()
  await database.drop()
})

const idleAfterMs = 1_500

async function sideConnections(): Promise<number> {
  const { rows } = await observer.query<{ count: number }>(
    `select count(*)::int from pg_stat_activity where application_name = 'medio health' and datname = current_database()`,
  )
  return rows[0]?.count ?? 0
}

it('without user traffic the remote checks rest and let go of Postgres, until a user comes', async () => {
  await using service = await startService({
    DATABASE_URL: database.url,
    HEALTH_IDLE_AFTER_MS: String(idleAfterMs),
    // Longer than the test: a run after waking is the one that the request set off.
    HEALTH_DATABASE_INTERVAL_MS: '60000',
  })
  await service.logged('metrics_listening')
  const checkedAt = (await service.until(({ body }) => body.status === 'healthy')).answer.body.services.database
    .checkedAt
  expect(await sideConnections()).toBe(1)

  // The probes of this poll and the scrapes are no user traffic.
  const { answer, tookMs } = await service.until(({ body }) => body.services.database.status === 'idle', 5_000)
  expect(tookMs).toBeLessThan(idleAfterMs + 750)
  expect(answer.statusCode).toBe(200)
  expect(answer.body).toMatchObject({ status: 'healthy', reasons: [], services: { database: { checkedAt } } })
  expect(await service.logged('engine_idle')).toMatchObject({ level: 'info' })
  await expect.poll(sideConnections).toBe(0)

  for (const path of ['', '/ready', '/live', '/startup']) await service.health(path)
  const exposition = await (await fetch(service.metricsUrl)).text()
  expect(exposition).not.toContain('health_check_status{check="database"}')
  expect(exposition).toContain('\nhealth_check_status{check="memory"} 1\n')
  expect((await service.health()).body.services.database.status).toBe('idle')
  expect(await sideConnections()).toBe(0)

  const askedAt = Date.now()
  expect((await fetch(`${service.url}/`)).status).toBe(200)
  const woken = await service.until(({ body }) => body.services.database.status === 'healthy', 2_000)
  expect(Date.parse(woken.answer.body.services.database.checkedAt)).toBeGreaterThanOrEqual(askedAt)
  await service.logged('engine_active')
  expect(await sideConnections()).toBe(1)

  await service.until(({ body }) => body.services.database.status === 'idle', 5_000)
  await expect.poll(() => service.lines.filter((line) => line.event === 'engine_idle')).toHaveLength(2)
})
