import { afterEach, expect, it } from 'vitest'
import { readEnv, toConfig } from '../../src/config.ts'
import { startTracing } from '../../src/telemetry/start-tracing.ts'
import { startOtlpCollector } from '../support/otlp-collector.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

function setUp(env: Readonly<Record<string, string>>) {
  const lines: Record<string, unknown>[] = []
  const log = (fields: object) => lines.push({ ...fields })
  const config = toConfig(readEnv(env))
  const start = (changed = config) =>
    startTracing({ config: changed, version: '1.2.3', logger: { info: log, warn: log, error: log } })
  return { config, lines, start }
}

async function resourceWith(env: Readonly<Record<string, string>>) {
  const collector = await startOtlpCollector()
  open.push(collector.close)
  const { start } = setUp({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env })
  const tracing = await start()
  tracing?.begin('one', { kind: 'internal', attributes: {} }).end({})
  await tracing?.close()
  return collector.spans[0]?.resource
}

it('says what this process is: its service, version, machine, region, environment and commit', async () => {
  const fly = { FLY_APP_NAME: 'medio', FLY_MACHINE_ID: '28715d4c671438', FLY_REGION: 'iad' }
  expect(await resourceWith({ ...fly, ENVIRONMENT: 'staging', COMMIT: 'abc123' })).toMatchObject({
    'service.name': 'medio',
    'service.version': '1.2.3',
    'service.instance.id': '28715d4c671438',
    'cloud.region': 'iad',
    'deployment.environment.name': 'staging',
    'vcs.ref.head.revision': 'abc123',
  })
})

it.each([
  ['medio-backend', {}],
  ['by-attribute', { OTEL_RESOURCE_ATTRIBUTES: 'service.name=by-attribute' }],
  ['by-name', { OTEL_RESOURCE_ATTRIBUTES: 'service.name=by-attribute', OTEL_SERVICE_NAME: 'by-name' }],
])('calls the service %s where its variables say so', async (name, env) => {
  expect(await resourceWith(env)).toMatchObject({ 'service.name': name })
})

it('tells that it has started with the sampler, and starts nothing without an endpoint', async () => {
  const { start, lines } = setUp({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.5',
  })
  const tracing = await start()
  expect(tracing?.spansDropped()).toEqual({ queue_full: 0, export_failed: 0 })
  expect(lines).toMatchObject([{ event: 'tracing_started', sampler: 'traceidratio', ratio: 0.5 }])
  const without = setUp({})
  expect(await without.start()).toBeUndefined()
  expect(without.lines).toEqual([])
})

it('that fails to start leaves the service untraced and says why', async () => {
  const { config, lines, start } = setUp({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' })
  if (config.tracing === undefined) throw new Error('the endpoint is set, so there must be a configuration')
  expect(await start({ ...config, tracing: { ...config.tracing, url: 'no URL' } })).toBeUndefined()
  expect(lines).toMatchObject([{ event: 'tracing_unavailable', error: expect.any(Error) }])
})
