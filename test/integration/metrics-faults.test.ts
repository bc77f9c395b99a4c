import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type Samples, samplesNamed, samplesOf } from '../support/exposition-samples.ts'
import { listenOnLoopback } from '../support/loopback-server.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { type HealthAnswer, quickChecks, type RunningService, startService } from '../support/service.ts'
import { createTcpProxy } from '../support/tcp-proxy.ts'

const scrape = async (service: RunningService): Promise<Samples> =>
  samplesOf(await (await fetch(service.metricsUrl)).text())

/** The statuses that stand at 1, of all that there are. */
function currentStatus(samples: Samples): { current: string[]; all: string[] } {
  const statuses = samplesNamed(samples, 'health_status').map(([labels, value]) => ({
    status: /"(.+)"/.exec(labels)?.[1] ?? '',
    value,
  }))
  return {
    current: statuses.filter(({ value }) => value === 1).map(({ status }) => status),
    all: statuses.filter(({ value }) => value === 0 || value === 1).map(({ status }) => status),
  }
}

describe('the metrics of a service whose database goes and comes', () => {
  it('follow its health, and know nothing of the machine until Postgres told it', async () => {
    const database = await createTestDatabase()
    const url = new URL(database.url)
    const proxy = await createTcpProxy({ port: Number(url.port) })
    url.port = String(proxy.port)
    await proxy.set('refuse')
    await using service = await startService({ ...quickChecks.env, DATABASE_URL: url.href })
    await service.logged('metrics_listening')
    await service.until(({ body }) => body.status === 'unhealthy')
    await service.logged('history_write_failed')

    const away = await scrape(service)
    expect(currentStatus(away)).toEqual({
      current: ['unhealthy'],
      all: ['healthy', 'degraded', 'unhealthy', 'starting', 'draining'],
    })
    expect(away.get('health_check_status{check="database"}')).toBe(0)
    expect(away.get('health_check_status{check="memory"}')).toBe(1)
    expect(away.get('db_errors_total{sqlstate_class="none"}')).toBeGreaterThanOrEqual(1)
    expect(samplesNamed(away, 'machine_starts_total')).toEqual([])
    expect(samplesNamed(away, 'machine_running_seconds_total')).toEqual([])

    await proxy.set('pass')
    await service.until(({ body }) => body.services.database.status === 'healthy')
    await expect
      .poll(async () => samplesNamed(await scrape(service), 'machine_starts_total'), { timeout: 10_000, interval: 100 })
      .toEqual([['{kind="boot",reason="deploy"}', 1]])
    await service.until(({ body }) => body.status === 'healthy')
    const back = await scrape(service)
    expect(currentStatus(back).current).toEqual(['healthy'])
    expect(back.get('health_check_status{check="database"}')).toBe(1)
    // From the start on, and not from the moment at which the database came.
    expect(back.get('machine_running_seconds_total')).toBeGreaterThan(3)
    await proxy.close()
    await database.drop()
  })
})

describe('the metrics of a service with more label values than may be', () => {
  it('stay below their limit, count what they swallowed and keep the worst in view', async () => {
    const apis = 400
    const database = await createTestDatabase()
    const gone = await listenOnLoopback(createServer())
    await gone.close()
    const list = Array.from({ length: apis }, (_, index) => `api-${index}=http://127.0.0.1:${gone.port}/`)
    await using service = await startService({ DATABASE_URL: database.url, EXTERNAL_APIS: list.join() })
    await service.logged('metrics_listening')
    // So many checks at once may hold up the event loop, which is then a reason too.
    const apisOf = ({ body }: HealthAnswer) => body.reasons.filter(({ check }) => check.startsWith('external_api:'))
    await service.until((answer) => apisOf(answer).length === apis, 20_000)

    const samples = await scrape(service)
    expect(samples.size).toBeLessThanOrEqual(2_000)
    const own = samplesNamed(samples, 'health_check_duration_seconds_count')
    const overflow = '{check="overflow"}'
    expect(own.length).toBeGreaterThan(20)
    expect(own.length).toBeLessThan(200)
    expect(samples.get(`health_check_status${overflow}`)).toBe(0)
    // Every run is counted, under its own label or under the common one.
    const runs = own.reduce((sum, [, value]) => sum + value, 0)
    expect(runs).toBeGreaterThanOrEqual(apis)
    expect(samples.get(`health_check_duration_seconds_count${overflow}`)).toBeGreaterThan(200)
    expect(samples.get('metrics_series_dropped_total')).toBeGreaterThan(200)

    for (let index = 0; index < 20; index++) await (await fetch(`${service.url}/${index}`)).arrayBuffer()
    const after = await scrape(service)
    expect(after.size).toBeLessThanOrEqual(2_000)
    const requests = samplesNamed(after, 'http_request_duration_seconds_count')
    expect(requests.reduce((sum, [, value]) => sum + value, 0)).toBe(20)
    await database.drop()
  })
})
