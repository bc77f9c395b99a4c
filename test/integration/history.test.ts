import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { samplesNamed, samplesOf } from '../support/exposition-samples.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type RunningService, startService } from '../support/service.ts'
import { createTcpProxy } from '../support/tcp-proxy.ts'

let database: TestDatabase
let client: pg.Client
beforeEach(async () => {
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
afterEach(async () => {
  await client.end()
  await database.drop()
})

const rows = async (text: string): Promise<unknown[]> => (await client.query({ text, rowMode: 'array' })).rows
const eventKinds = async () => (await rows('select kind from machine_events order by at, id')).flat()
const runningSeconds = async () => Number((await rows('select running_seconds from machines'))[0] ?? 0)

async function start(commit: string, env: Readonly<Record<string, string>> = {}): Promise<RunningService> {
  const service = await startService({ DATABASE_URL: database.url, COMMIT: commit, FLY_MACHINE_ID: 'one', ...env })
  await service.logged('metrics_listening')
  return service
}

/** By kind and reason, as soon as they were read from Postgres; with the machine's running time. */
async function totals(service: RunningService) {
  let starts: Record<string, number> = {}
  let runningSeconds = 0
  await expect
    .poll(async () => {
      const samples = samplesOf(await (await fetch(service.metricsUrl)).text())
      starts = Object.fromEntries(samplesNamed(samples, 'machine_starts_total'))
      runningSeconds = samples.get('machine_running_seconds_total') ?? 0
      return Object.keys(starts).length
    })
    .toBeGreaterThan(0)
  return { starts, runningSeconds }
}

async function end(service: RunningService, name: 'SIGINT' | 'SIGKILL'): Promise<void> {
  service.signal(name)
  expect(await service.exited).toBe(name === 'SIGINT' ? 0 : null)
}

const reasons = (counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).map(([reason, count]) => [`{kind="boot",reason="${reason}"}`, count]))

describe('what a machine lived through', () => {
  it('is told over its restarts: deployed, woken, crashed, deployed again', async () => {
    await using first = await start('aaa')
    const one = await totals(first)
    expect(one.starts).toEqual(reasons({ deploy: 1 }))
    await end(first, 'SIGINT')
    expect(await eventKinds()).toEqual(['start', 'ready', 'drain', 'stop'])
    const stored = await runningSeconds()
    expect(stored).toBeGreaterThan(one.runningSeconds)

    await using second = await start('aaa')
    const two = await totals(second)
    expect(two.starts).toEqual(reasons({ deploy: 1, wake: 1 }))
    expect(two.runningSeconds).toBeGreaterThan(stored)
    await expect.poll(eventKinds).toHaveLength(6)
    await end(second, 'SIGKILL')

    await using third = await start('aaa')
    expect((await totals(third)).starts).toEqual(reasons({ deploy: 1, wake: 1, crash: 1 }))
    await end(third, 'SIGINT')

    await using fourth = await start('bbb')
    const four = await totals(fourth)
    expect(four.starts).toEqual(reasons({ deploy: 2, wake: 1, crash: 1 }))
    expect(four.runningSeconds).toBeGreaterThan(two.runningSeconds)
    await end(fourth, 'SIGINT')

    expect(await rows('select version, commit, source from deployments order by at')).toEqual([
      ['1.0.0', 'aaa', 'start'],
      ['1.0.0', 'bbb', 'start'],
    ])
    expect(await rows(`select reason, commit from machine_events where kind = 'start' order by at`)).toEqual([
      ['deploy', 'aaa'],
      ['wake', 'aaa'],
      ['crash', 'aaa'],
      ['deploy', 'bbb'],
    ])
    expect(await eventKinds()).toEqual([
      ...['start', 'ready', 'drain', 'stop'],
      // Killed; the next start finds that it never told of its end, and does so for it.
      ...['start', 'ready', 'stop'],
      ...['start', 'ready', 'drain', 'stop'],
      ...['start', 'ready', 'drain', 'stop'],
    ])
  })

  it('has the phases of each start', async () => {
    await using service = await start('aaa')
    await expect.poll(eventKinds).toContain('ready')
    const { body } = await service.health('/startup')
    const { phases } = body as unknown as { phases: { phase: string; wallMs: number }[] }
    const wanted = Object.fromEntries(phases.map(({ phase, wallMs }) => [phase, wallMs]))
    expect(await rows(`select phases from machine_events where kind = 'ready'`)).toEqual([[wanted]])
  })
})

describe('a service that is stopped while its database is away', () => {
  it.each(['reset', 'drop'] as const)('ends with 0 in time when its bytes meet a %s', async (mode) => {
    const url = new URL(database.url)
    const proxy = await createTcpProxy({ port: Number(url.port) })
    url.port = String(proxy.port)
    await using service = await start('aaa', { DATABASE_URL: url.href })
    await totals(service)
    await expect.poll(eventKinds).toEqual(['start', 'ready'])
    await proxy.set(mode)
    const begunMs = performance.now()
    await end(service, 'SIGINT')
    // The checks', the history's and the pool's deadlines.
    expect(performance.now() - begunMs).toBeLessThan(8_000)
    expect(service.lines.at(-1)?.event).toBe('service_stopped')
    expect(await eventKinds()).toEqual(['start', 'ready'])
    await proxy.close()
  })
})
