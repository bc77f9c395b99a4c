import pg from 'pg'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InProcessService, startInProcess } from '../support/in-process-service.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const probeToken = 'a-probe-token-of-sixteen'
const minuteMs = 60_000

let database: TestDatabase
let proxy: TcpProxy
let service: InProcessService
let observer: pg.Client

beforeAll(async () => {
  database = await createTestDatabase()
  const url = new URL(database.url)
  proxy = await createTcpProxy({ port: Number(url.port) })
  url.port = String(proxy.port)
  observer = new pg.Client({ connectionString: database.url })
  await observer.connect()
  await insertMinutes()
  service = await startInProcess({
    ...{ DATABASE_URL: url.href, PROBE_TOKEN: probeToken, COMMIT: 'abc1234' },
    ...{ DATABASE_ACQUIRE_TIMEOUT_MS: '400', DATABASE_STATEMENT_TIMEOUT_MS: '400' },
    ...{ HEALTH_INTERVAL_MS: '200', HEALTH_TIMEOUT_MS: '200', HEALTH_RETRY_MS: '50' },
  })
})
afterAll(async () => {
  await observer.end()
  await service[Symbol.asyncDispose]()
  await proxy.close()
  await database.drop()
})

const get = (path: string) => supertest(service.url).get(path)
const text = (markup: string) =>
  markup.replaceAll(/<(script|style|svg)[^>]*>.*?<\/\1>|<[^>]+>/gs, ' ').replaceAll(/\s+/g, ' ')

/**
 * Twenty probes over the last twenty minutes, one of them failed, one that waited for a start; and the service's own.
 * `days`: of UTC that they fall into, two just after midnight.
 */
async function postProbes(): Promise<{ readonly days: number }> {
  const probes = Array.from({ length: 20 }, (_, index) => ({
    at: new Date(Date.now() - (index + 1) * minuteMs).toISOString(),
    ...{ target: 'medio', source: 'outside', durationMs: 100 + index, uptimeMs: 500_000 },
    ...(index === 3 ? { statusCode: 503 } : { statusCode: 200, healthStatus: 'healthy' }),
  }))
  probes[5] = { ...probes[5], durationMs: 2_500, uptimeMs: 900 } as (typeof probes)[number]
  const own = { ...probes[0], source: 'self', statusCode: 500 }
  const { status, body } = await supertest(service.url)
    .post('/api/observations')
    .auth(probeToken, { type: 'bearer' })
    .send([...probes, own])
  expect([status, body.stored]).toEqual([200, 21])
  return { days: new Set(probes.map(({ at }) => at.slice(0, 10))).size }
}

async function insertMinutes(): Promise<void> {
  await observer.query(
    `insert into slo_minutes (at, process_id, objective, good, total)
     select now() - n * interval '1 minute', $1, 'availability', 99, 100 from generate_series(10, 24) n`,
    ['00000000-0000-4000-8000-000000000001'],
  )
}

describe('over a real database', () => {
  it('an empty first start says of each part that nothing is there yet', async () => {
    const empty = await createTestDatabase()
    await using first = await startInProcess({ DATABASE_URL: empty.url })
    const page = text((await supertest(first.url).get('/status')).text)
    expect(page).toContain('Healthy Every check of this machine passes.')
    expect(page).toContain('None is open, and none is on record.')
    expect(page).toContain('No data: no outside probe has reported in 90 days.')
    await first.stop()
    await empty.drop()
  })

  it('the page shows probes from outside, this machine, its deployment and the budget as they were written', async () => {
    const { days } = await postProbes()
    const ofDays = `${days} day${days === 1 ? '' : 's'} with data, ${90 - days} days without.`
    await expect
      .poll(async () => text((await get('/status')).text), { timeout: 15_000, interval: 500 })
      .toContain(`95 % of 20 outside probes answered well, 1 did not; ${ofDays}`)
    const page = text((await get('/status')).text)
    expect(page).toContain('overdrawn by 900 %')
    expect(page).toContain('99 % of 1,500, 15 bad; the promise is 99.9 %.')
    expect(page).toContain('20 outside probes, 1 cold start; the slowest took 2.5 s')
    expect(page).toMatch(/Machines local local answers you runs/)
    expect(page).toMatch(/Deployments 1\.0\.0 abc1234 answers you/)
  })

  it('the objectives over windows are those of the minutes that ended within', async () => {
    const { status, body } = await get('/api/slo')
    expect(status).toBe(200)
    const availability = body.objectives.find(({ name }: { name: string }) => name === 'availability')
    expect(availability).toMatchObject({ good: 1_485, total: 1_500, ratio: 0.99, enoughData: true })
    const events = availability.burnRates.map(({ window, events: each }: { window: string; events: number }) => [
      window,
      each,
    ])
    expect(events).toEqual([
      ['5m', 0],
      ['30m', 1_500],
      ['1h', 1_500],
      ['2h', 1_500],
      ['6h', 1_500],
      ['1d', 1_500],
      ['3d', 1_500],
    ])
  })

  it.each(['hold', 'drop'] as const)(
    'with the database away (%s) the page has the fault and the last of the history',
    async (mode) => {
      await get('/status')
      await proxy.set(mode)
      await expect
        .poll(async () => text((await get('/status')).text), { timeout: 15_000, interval: 300 })
        .toMatch(/Unhealthy A critical check fails.*The history can’t be read.*95 % of 20 outside probes/)
      // A statement that is held fails only at its deadline, some seconds after nobody waited for it any more.
      await expect
        .poll(() => service.lines.filter(({ event }) => event === 'status_read_failed').length, { timeout: 15_000 })
        .toBeGreaterThan(0)
      await proxy.set('pass')
      await expect
        .poll(async () => text((await get('/status')).text), { timeout: 20_000, interval: 300 })
        .not.toContain('The history can’t be read')
    },
  )
})
