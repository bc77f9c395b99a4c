import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { samplesOf } from '../support/exposition-samples.ts'
import { freePort } from '../support/free-port.ts'
import { startOtlpCollector } from '../support/otlp-collector.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { startService } from '../support/service.ts'

let database: TestDatabase
let collector: Awaited<ReturnType<typeof startOtlpCollector>>
beforeEach(async () => {
  database = await createTestDatabase()
  collector = await startOtlpCollector()
})
afterEach(async () => {
  await collector.close()
  await database.drop()
})

/** Prints at the end which modules were loaded that have to do with tracing. */
const printLoaded = `data:text/javascript,import{registerHooks}from'node:module';const seen=[];registerHooks({resolve(s,c,n){const r=n(s,c);seen.push(r.url);return r}});process.on('exit',()=>process.stderr.write('loaded '+JSON.stringify(seen.filter(u=>/opentelemetry|telemetry[/]otlp-tracing/.test(u)))))`
const loadedOf = (stderr: string): string[] =>
  (JSON.parse(/loaded (\[.*\])/.exec(stderr)?.[1] ?? 'null') as string[]).map((url) =>
    url.replace(/^.*\/(?:node_modules|src)\//, ''),
  )

async function stopped(service: Awaited<ReturnType<typeof startService>>): Promise<number | null> {
  service.signal('SIGTERM')
  return service.exited
}

describe('without an endpoint', () => {
  it('no module of OpenTelemetry’s SDK is loaded, and the metric of its losses is absent', async () => {
    const env = { DATABASE_URL: database.url, NODE_OPTIONS: `--import "${printLoaded}"` }
    await using service = await startService(env)
    await service.logged('metrics_listening')
    expect(
      (
        await fetch(`${service.url}/api/deployments`, {
          headers: { traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` },
        })
      ).status,
    ).toBe(200)
    expect(await (await fetch(service.metricsUrl)).text()).not.toMatch(/^trace_spans_dropped_total/m)
    expect(await stopped(service)).toBe(0)
    expect(loadedOf(service.stderr()).filter((path) => !path.startsWith('@opentelemetry/api/'))).toEqual([])
    expect(service.lines.filter(({ traceId }) => traceId !== undefined)).toEqual([])
  })

  it('is told from with one, by the same look at what was loaded', async () => {
    const env = { DATABASE_URL: database.url, NODE_OPTIONS: `--import "${printLoaded}"` }
    await using service = await startService({ ...env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    await service.logged('tracing_started')
    expect(await stopped(service)).toBe(0)
    const loaded = loadedOf(service.stderr())
    expect(loaded).toContain('telemetry/otlp-tracing.ts')
    expect(loaded.some((path) => path.startsWith('@opentelemetry/sdk-trace/'))).toBe(true)
  })
})

describe('a collector', () => {
  it('gets what waits when the service stops', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '60000' }
    await using service = await startService({ DATABASE_URL: database.url, ...env })
    await service.logged('tracing_started')
    await fetch(`${service.url}/api/deployments`, { headers: { 'X-Request-Id': 'last' } })
    expect(collector.spans).toEqual([])
    expect(await stopped(service)).toBe(0)
    const requests = collector.spans.filter(({ attributes }) => attributes['medio.request_id'] === 'last')
    expect(requests.map(({ name }) => name)).toEqual(['GET /api/deployments'])
    // The history's last writes too, which the stop itself sets off.
    expect(collector.spans.map(({ name }) => name)).toContain('machine_events.insert')
    expect(collector.problems).toEqual([])
    expect(service.lines.filter(({ event }) => event === 'shutdown_step_overdue')).toEqual([])
  })

  it('gets what waits when the service crashes, and is not waited for when it hangs', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '60000' }
    for (const mode of ['ok', 'hang'] as const) {
      collector.set(mode)
      await using service = await startService({ DATABASE_URL: database.url, ...env })
      await service.logged('tracing_started')
      await fetch(`${service.url}/api/deployments`, { headers: { 'X-Request-Id': mode } })
      service.signal('SIGUSR2')
      expect(await service.exited).toBe(1)
      await service.logged('uncaught_error')
    }
    const requests = collector.spans.map(({ attributes }) => attributes['medio.request_id'])
    expect(requests.filter((id) => id !== undefined)).toEqual(['ok'])
  })

  it('that hangs slows no request, and a stop no longer than its step may take', async () => {
    collector.set('hang')
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '20' }
    await using service = await startService({ DATABASE_URL: database.url, ...env })
    await service.logged('tracing_started')
    await fetch(`${service.url}/api/deployments`)
    await expect.poll(() => collector.requests.length).toBe(1)
    for (let index = 0; index < 50; index++) {
      expect((await fetch(`${service.url}/api/deployments`)).status).toBe(200)
    }
    // One export is under way and the rest waits: nothing is sent beside it.
    expect(collector.requests).toHaveLength(1)
    expect(await stopped(service)).toBe(0)
    const overdue = service.lines.filter(({ event }) => event === 'shutdown_step_overdue')
    expect(overdue.map(({ step, outcome }) => [step, outcome])).toEqual([['traces', 'timed out']])
  })

  it('that refuses spans is told once, and told again when it takes them', async () => {
    collector.set('400')
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '20' }
    await using service = await startService({ DATABASE_URL: database.url, ...env })
    await service.logged('tracing_started')
    await fetch(`${service.url}/`)
    expect(await service.logged('trace_export_failed')).toMatchObject({
      code: 'bad_response',
      msg: 'spans are lost: the receiver answered 400',
    })
    await fetch(`${service.url}/`)
    await expect.poll(() => collector.problems.length).toBeGreaterThan(1)
    collector.set('ok')
    await fetch(`${service.url}/`)
    expect(await service.logged('trace_export_recovered')).toMatchObject({ level: 'info' })
    expect(service.lines.filter(({ event }) => event === 'trace_export_failed')).toHaveLength(1)
  })

  it('that is away is told by its reason, and its losses are counted', async () => {
    const port = await freePort()
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-token-of-the-test',
      OTEL_BSP_SCHEDULE_DELAY: '20',
      OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    }
    await using service = await startService({ DATABASE_URL: database.url, ...env })
    await service.logged('tracing_started')
    await fetch(`${service.url}/api/deployments`)
    expect(await service.logged('trace_export_failed')).toMatchObject({ level: 'warn', code: 'connection_refused' })
    const lost = async () =>
      samplesOf(await (await fetch(service.metricsUrl)).text()).get('trace_spans_dropped_total{reason="export_failed"}')
    const before = (await lost()) ?? 0
    expect(before).toBeGreaterThan(0)
    await fetch(`${service.url}/api/deployments`)
    await expect.poll(lost).toBeGreaterThan(before)
    expect(service.lines.filter(({ event }) => event === 'trace_export_failed')).toHaveLength(1)
    expect(service.lines.find(({ event }) => event === 'trace_export_failed')).not.toHaveProperty('requestId')
    expect((await service.health()).body.status).toBe('healthy')
    expect(JSON.stringify(service.lines)).not.toContain('collector-token-of-the-test')
  })
})
