import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, it } from 'vitest'
import type { Evidence } from '../../src/report/evidence.ts'
import { startMonitor } from '../support/monitor-process.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { startService } from '../support/service.ts'
import { createTcpProxy } from '../support/tcp-proxy.ts'

const token = 'probe-token-0123456789'

it('the continuous probe fills the history, over a database that hangs and a prober that is killed', async () => {
  const database = await createTestDatabase()
  const url = new URL(database.url)
  const proxy = await createTcpProxy({ port: Number(url.port) })
  url.port = String(proxy.port)
  const service = await startService({ DATABASE_URL: url.href, PROBE_TOKEN: token })
  await service.until(({ body }) => body.status === 'healthy')
  await service.logged('metrics_listening')
  const observer = new pg.Client({ connectionString: database.url })
  await observer.connect()
  const storedIds = async () =>
    (await observer.query('select id from observations where source = $1', ['outside-1'])).rows.map(({ id }) =>
      String(id),
    )

  const words = [service.url, '--interval', '300ms', '--forever', '--post', service.url, '--source', 'outside-1']
  const env = { PROBE_TOKEN: token }
  const directory = mkdtempSync(join(tmpdir(), 'medio-post-'))
  const first = startMonitor([...words, '--metrics', service.metricsUrl], { env, directory })
  await expect.poll(async () => (await storedIds()).length, { timeout: 15_000 }).toBeGreaterThan(0)
  await proxy.set('hold')
  const before = first.observations().length
  await expect.poll(() => first.observations().length, { timeout: 15_000 }).toBeGreaterThan(before + 5)
  first.signal('SIGKILL')
  await first.ended

  await using second = startMonitor([...words, '--metrics', service.metricsUrl], { env, directory })
  await expect.poll(() => second.observations().length, { timeout: 15_000 }).toBeGreaterThan(before + 12)
  await proxy.set('pass')
  await service.until(({ body }) => body.status === 'healthy')
  second.signal('SIGTERM')
  const { stdout } = await second.ended
  expect(stdout).not.toContain(token)
  const { metrics, gaps } = JSON.parse(second.read('evidence.json')) as Evidence
  expect(gaps).toEqual([])
  expect(metrics?.pool?.max).toBe(10)

  const seen = second.observations().map(({ id }) => id)
  await expect.poll(async () => (await storedIds()).length, { timeout: 15_000 }).toBe(seen.length)
  expect((await storedIds()).toSorted()).toEqual(seen.toSorted())

  await observer.end()
  await service[Symbol.asyncDispose]()
  await proxy.close()
  await database.drop()
}, 90_000)
