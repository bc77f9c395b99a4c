import { afterEach, describe, expect, it } from 'vitest'
import { readEnv, toConfig } from '../../src/config.ts'
import { createOtlpTracing } from '../../src/telemetry/otlp-tracing.ts'
import { createRedaction } from '../../src/telemetry/redaction.ts'
import type { Tracing } from '../../src/telemetry/tracing.ts'
import { startOtlpCollector } from '../support/otlp-collector.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function setUp(env: Readonly<Record<string, string>> = {}) {
  const collector = await startOtlpCollector()
  open.push(collector.close)
  const { tracing: config, secrets } = toConfig(
    readEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '20', ...env }),
  )
  if (config === undefined) throw new Error('the endpoint is set, so there must be a configuration')
  const exports: (string | undefined)[] = []
  const tracing = await createOtlpTracing({
    tracing: config,
    version: '1.2.3',
    resource: {
      'service.name': 'medio-backend',
      'service.instance.id': '28715d4c671438',
      'vcs.ref.head.revision': undefined,
    },
    redaction: createRedaction(secrets),
    onExport: (error) => exports.push(error?.message),
  })
  return { collector, tracing, exports }
}

const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const traceparent = (flags: '00' | '01') => `00-${caller.traceId}-${caller.spanId}-${flags}`
const plain = { kind: 'internal', attributes: {} } as const

/** Of a root, of a root whose caller sampled, and of one whose caller did not. */
function decisions(tracing: Tracing): boolean[] {
  const headers = [{}, { traceparent: traceparent('01') }, { traceparent: traceparent('00') }]
  return headers.map((each) => tracing.begin('root', { ...plain, headers: each }).sampled)
}

describe('a span', () => {
  it('arrives with its resource, scope, times, parent and the state of the trace', async () => {
    const { collector, tracing } = await setUp({ OTEL_RESOURCE_ATTRIBUTES: 'team=core,service.instance.id=other' })
    const before = Date.now()
    const headers = { traceparent: traceparent('01'), tracestate: 'vendor=opaque' }
    const span = tracing.begin('GET', { kind: 'server', attributes: { 'url.path': '/x', absent: undefined }, headers })
    const ids = tracing.within(span, () =>
      tracing.record('things.list', {
        kind: 'client',
        startMs: performance.now() - 5,
        endMs: performance.now(),
        attributes: {},
      }),
    )
    span.end({ name: 'GET /x', attributes: { 'http.response.status_code': 500 }, failure: { type: '500' } })
    const [statement, request] = await collector.received(() => true, 2)
    expect(request).toMatchObject({
      ...{ name: 'GET /x', kind: 'server', traceId: caller.traceId, parentSpanId: caller.spanId },
      ...{ spanId: span.spanId, traceState: 'vendor=opaque', error: true },
      attributes: { 'url.path': '/x', 'http.response.status_code': 500, 'error.type': '500' },
      resource: {
        ...{ 'service.name': 'medio-backend', 'service.instance.id': 'other', team: 'core' },
        'telemetry.sdk.language': 'nodejs',
      },
      scope: { name: 'medio-backend', version: '1.2.3' },
    })
    expect(statement).toMatchObject({ ...ids, kind: 'client', parentSpanId: span.spanId, traceState: 'vendor=opaque' })
    expect(request?.startMs).toBeGreaterThanOrEqual(before - 1)
    expect(request?.endMs).toBeLessThanOrEqual(Date.now() + 1)
    expect((statement?.endMs ?? 0) - (statement?.startMs ?? 0)).toBeCloseTo(5, 0)
    expect(collector.problems).toEqual([])
  })

  it('hands its context on to requests that it makes', async () => {
    const { tracing } = await setUp()
    const headers = { traceparent: traceparent('01'), tracestate: 'vendor=opaque' }
    const span = tracing.begin('root', { ...plain, headers })
    expect(span.headers()).toEqual({
      traceparent: `00-${caller.traceId}-${span.spanId}-01`,
      tracestate: 'vendor=opaque',
    })
    const left = tracing.begin('root', { ...plain, headers: { traceparent: traceparent('00') } })
    expect(left.headers()).toEqual({ traceparent: `00-${caller.traceId}-${left.spanId}-00` })
  })

  it.each(['', 'nonsense', `ff-${caller.traceId}-${caller.spanId}-01`, `00-${'0'.repeat(32)}-${caller.spanId}-01`])(
    'begins a trace of its own when the caller sends the traceparent "%s"',
    async (broken) => {
      const { tracing } = await setUp()
      const span = tracing.begin('root', { ...plain, headers: { traceparent: broken } })
      expect(span.traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/)
      expect([span.traceId === caller.traceId, span.sampled]).toEqual([false, true])
    },
  )

  it('holds no secret of the configuration, in an attribute or a message', async () => {
    const { collector, tracing } = await setUp({ OPERATOR_TOKEN: 'operator-token-of-the-test' })
    const span = tracing.begin('root', { ...plain, attributes: { 'url.path': '/operator-token-of-the-test' } })
    span.end({ failure: { type: 'check_failed', message: 'refused operator-token-of-the-test' } })
    const [received] = await collector.received(() => true)
    expect(received).toMatchObject({ attributes: { 'url.path': '/[redacted]' }, error: 'refused [redacted]' })
  })
})

describe('the sampler', () => {
  it.each([
    ['always_on', '1', [true, true, true]],
    ['always_off', '1', [false, false, false]],
    ['traceidratio', '1', [true, true, true]],
    ['traceidratio', '0', [false, false, false]],
    ['parentbased_always_on', '1', [true, true, false]],
    ['parentbased_always_off', '1', [false, true, false]],
    ['parentbased_traceidratio', '0', [false, true, false]],
  ])('%s with %s decides for a root, and for a caller who sampled or did not', async (sampler, ratio, expected) => {
    const { tracing } = await setUp({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio })
    expect(decisions(tracing)).toEqual(expected)
  })

  it('takes the configured share of traces', async () => {
    const { tracing } = await setUp({
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    })
    const count = 4_000
    const taken = Array.from({ length: count }, () => tracing.begin('root', plain)).filter(({ sampled }) => sampled)
    // Seven standard deviations of the binomial distribution: once in 10^11 runs.
    expect(Math.abs(taken.length / count - 0.25)).toBeLessThan(7 * Math.sqrt((0.25 * 0.75) / count))
  })

  it('leaves out what lies below a span that is left out', async () => {
    const { collector, tracing } = await setUp()
    const left = tracing.begin('root', { ...plain, headers: { traceparent: traceparent('00') } })
    const statement = { kind: 'client', endMs: performance.now(), attributes: {} } as const
    expect(tracing.within(left, () => tracing.record('things.list', statement))).toBeUndefined()
    left.end({})
    tracing.begin('taken', plain).end({})
    await collector.received(({ name }) => name === 'taken')
    expect(collector.spans.map(({ name }) => name)).toEqual(['taken'])
  })
})

describe('an export', () => {
  it.each(['http/protobuf', 'http/json'])('in %s says the same', async (protocol) => {
    const { collector, tracing } = await setUp({ OTEL_EXPORTER_OTLP_PROTOCOL: protocol })
    const attributes = { text: 'ü', whole: 7, fraction: 0.25, yes: true, no: false }
    const headers = { traceparent: traceparent('01'), tracestate: 'vendor=opaque' }
    const before = Date.now()
    const span = tracing.begin('root', { kind: 'client', attributes, headers })
    span.end({ failure: { type: 'timeout', message: 'no answer' } })
    const [received] = await collector.received(() => true)
    expect(received).toMatchObject({
      ...{ name: 'root', kind: 'client', traceId: caller.traceId, spanId: span.spanId, parentSpanId: caller.spanId },
      ...{ traceState: 'vendor=opaque', error: 'no answer', scope: { name: 'medio-backend', version: '1.2.3' } },
      attributes: { ...attributes, 'error.type': 'timeout' },
      resource: { 'service.name': 'medio-backend', 'service.instance.id': '28715d4c671438' },
    })
    expect(received?.startMs).toBeGreaterThanOrEqual(before - 1)
    expect(received?.endMs).toBeLessThanOrEqual(Date.now() + 1)
    const type = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf'
    expect(collector.requests.map((each) => each['content-type'])).toEqual([type])
    expect(collector.problems).toEqual([])
  })

  it('goes to the endpoint of traces as it is, with the headers of both variables', async () => {
    const { collector, tracing } = await setUp()
    const { tracing: other } = await setUp({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-token,x-scope=all',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-scope=traces',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    })
    tracing.begin('one', plain).end({})
    other.begin('two', plain).end({})
    await collector.received(() => true, 2)
    expect(
      collector.requests.map((headers) => [headers.authorization, headers['x-scope'], headers['content-encoding']]),
    ).toEqual(
      expect.arrayContaining([
        [undefined, undefined, undefined],
        ['Bearer collector-token', 'traces', 'gzip'],
      ]),
    )
  })

  it('that is refused counts its spans as dropped, and the next one is taken', async () => {
    const { collector, tracing, exports } = await setUp()
    collector.set('400')
    for (let index = 0; index < 3; index++) tracing.begin('lost', plain).end({})
    await expect.poll(tracing.spansDropped).toEqual({ queue_full: 0, export_failed: 3 })
    collector.set('ok')
    tracing.begin('taken', plain).end({})
    await collector.received(({ name }) => name === 'taken')
    expect(exports).toEqual(['Bad Request', undefined])
    expect(tracing.spansDropped()).toEqual({ queue_full: 0, export_failed: 3 })
  })

  it('that hangs keeps no more spans than the queue and one batch, and counts the rest', async () => {
    const { collector, tracing } = await setUp({ OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_EXPORTER_OTLP_TIMEOUT: '60000' })
    collector.set('hang')
    for (let index = 0; index < 10; index++) tracing.begin('under way', plain).end({})
    await expect.poll(() => collector.requests.length).toBe(1)
    for (let index = 0; index < 100; index++) tracing.begin('waits', plain).end({})
    expect(tracing.spansDropped()).toEqual({ queue_full: 90, export_failed: 0 })
    expect(collector.requests).toHaveLength(1)
  })

  it('that gets no answer is given up after the time-out, and its spans are counted', async () => {
    const { collector, tracing, exports } = await setUp({ OTEL_EXPORTER_OTLP_TIMEOUT: '100' })
    collector.set('hang')
    tracing.begin('lost', plain).end({})
    await expect.poll(tracing.spansDropped).toEqual({ queue_full: 0, export_failed: 1 })
    expect(exports).toEqual(['Request timed out'])
  })
})

describe('closing', () => {
  it('sends all that waits', async () => {
    const { collector, tracing } = await setUp({ OTEL_BSP_SCHEDULE_DELAY: '60000' })
    for (let index = 0; index < 20; index++) tracing.begin('late', plain).end({})
    await tracing.close()
    expect(collector.spans.map(({ name }) => name)).toEqual(Array.from({ length: 20 }, () => 'late'))
    expect(tracing.spansDropped()).toEqual({ queue_full: 0, export_failed: 0 })
  })

  it('sends a long queue too, batch beside batch', async () => {
    const { collector, tracing } = await setUp({ OTEL_BSP_MAX_QUEUE_SIZE: '16384', OTEL_BSP_SCHEDULE_DELAY: '60000' })
    for (let index = 0; index < 8_000; index++) tracing.begin('late', plain).end({})
    await tracing.close()
    expect(collector.spans).toHaveLength(8_000)
    expect(tracing.spansDropped()).toEqual({ queue_full: 0, export_failed: 0 })
  })

  it('rejects with the number of spans that the collector did not take', async () => {
    const { collector, tracing } = await setUp({ OTEL_BSP_SCHEDULE_DELAY: '60000' })
    collector.set('400')
    for (let index = 0; index < 3; index++) tracing.begin('lost', plain).end({})
    await expect(tracing.close()).rejects.toThrow('the collector did not take the last 3 spans')
  })
})
