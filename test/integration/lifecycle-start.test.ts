import { describe, expect, it } from 'vitest'
import { createTestDatabase } from '../support/postgres.ts'
import { startService } from '../support/service.ts'
import { createTcpProxy } from '../support/tcp-proxy.ts'

interface StartupBody {
  readonly status: string
  readonly wallMs: number
  readonly cpuMs: number
  readonly phases: {
    readonly phase: string
    readonly startedMs: number
    readonly wallMs: number
    readonly cpuMs: number
  }[]
}

async function startupOf(url: string) {
  const response = await fetch(`${url}/api/health/startup`)
  return { statusCode: response.status, headers: response.headers, body: (await response.json()) as StartupBody }
}

/** A database behind a network that keeps every byte, for a start that takes as long as the test wants. */
async function heldDatabase() {
  const database = await createTestDatabase()
  const url = new URL(database.url)
  const proxy = await createTcpProxy({ port: Number(url.port) })
  url.port = String(proxy.port)
  await proxy.set('hold')
  return {
    url: url.href,
    deliver: () => proxy.set('pass'),
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await database.drop()
    },
  }
}

describe('a start', () => {
  it('is told as under way until the critical checks have run, then as phases that add up', async () => {
    await using database = await heldDatabase()
    await using service = await startService({ DATABASE_URL: database.url })
    const before = await startupOf(service.url)
    expect(before.statusCode).toBe(503)
    expect(before.body.status).toBe('starting')
    expect((await service.health()).body.status).toBe('starting')
    expect((await service.health('/ready')).statusCode).toBe(503)
    expect((await service.health('/live')).statusCode).toBe(200)

    await database.deliver()
    await service.logged('service_ready')
    const { statusCode, headers, body } = await startupOf(service.url)
    expect(statusCode).toBe(200)
    expect(body.status).toBe('ready')
    expect(body.phases.map(({ phase }) => phase)).toEqual([
      ...['boot', 'listen', 'telemetry', 'database', 'checks', 'http', 'first checks'],
    ])
    let endMs = 0
    for (const { startedMs, wallMs, cpuMs } of body.phases) {
      expect(Math.abs(startedMs - endMs)).toBeLessThan(0.2)
      expect(cpuMs).toBeGreaterThanOrEqual(0)
      endMs = startedMs + wallMs
    }
    expect(Math.abs(body.wallMs - endMs)).toBeLessThanOrEqual(1.5)
    expect(endMs).toBeLessThan(Number(headers.get('medio-uptime-ms')))
    expect(headers.get('server-timing')).toMatch(
      /^start;dur=[\d.]+, boot;dur=[\d.]+, listen;dur=.*, first-checks;dur=[\d.]+$/,
    )
  })

  it('that waits for its database is over by its deadline, with whatever is true', async () => {
    await using database = await heldDatabase()
    await using service = await startService({
      DATABASE_URL: database.url,
      STARTUP_DEADLINE_MS: '600',
      HEALTH_DATABASE_TIMEOUT_MS: '5000',
    })
    await service.logged('service_ready', 4_000)
    const { statusCode, body } = await service.health()
    expect({ statusCode, status: body.status }).toEqual({ statusCode: 503, status: 'unhealthy' })
    expect(body.reasons).toMatchObject([{ check: 'database', status: 'stale', code: 'stale' }])
    expect((await service.health('/ready')).statusCode).toBe(200)
  })

  it('that is told to stop ends with 0 and is never ready', async () => {
    await using database = await heldDatabase()
    await using service = await startService({ DATABASE_URL: database.url, STARTUP_DEADLINE_MS: '1000' })
    service.signal('SIGINT')
    expect(await service.exited).toBe(0)
    expect(service.lines.map((line) => line.event)).not.toContain('service_ready')
    expect(service.lines.at(-1)).toMatchObject({ event: 'service_stopped', reason: 'SIGINT' })
    expect(service.stderr()).not.toContain('ready')
  })
})
