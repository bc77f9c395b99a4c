import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { vi } from 'vitest'
import { listenOnLoopback } from './loopback-server.ts'
import { decodeExportRequest } from './otlp-protobuf.ts'

type Value = string | number | boolean

export interface ReceivedSpan {
  readonly name: string
  readonly kind: 'internal' | 'server' | 'client'
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly traceState: string | undefined
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Readonly<Record<string, Value>>
  readonly error: string | boolean | undefined
  readonly resource: Readonly<Record<string, Value>>
  readonly scope: { readonly name: string; readonly version?: string }
}

/** ok: 200 · 400: bad data, not to be sent again · 503: later · hang: takes the spans and never answers. */
export type CollectorMode = 'ok' | '400' | '503' | 'hang'

const kinds = [undefined, 'internal', 'server', 'client'] as const
const jsonType = 'application/json'
/** STATUS_CODE_ERROR of opentelemetry-proto, trace/v1/trace.proto. */
const errorCode = 2

/**
 * A stand-in for a collector's OTLP/HTTP receiver: refuses with 400 what a real one would, and says why in `problems`.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
 */
export async function startOtlpCollector() {
  const spans: ReceivedSpan[] = []
  const problems: string[] = []
  const requests: IncomingHttpHeaders[] = []
  let mode: CollectorMode = 'ok'

  const server = createServer(async (request, response) => {
    requests.push(request.headers)
    const body = await buffer(request)
    if (mode === 'hang') return
    const type = request.headers['content-type'] ?? ''
    response.setHeader('Content-Type', type)
    if (mode === '503') {
      response.writeHead(503).end()
      return
    }
    try {
      if (mode === '400') throw new Error('as the test wants it')
      spans.push(...spansOf(decode(request, body)))
      // An ExportTraceServiceResponse without a partial success has no bytes.
      response.writeHead(200).end(type === jsonType ? '{}' : undefined)
    } catch (error) {
      problems.push(String(error))
      response.writeHead(400).end()
    }
  })
  const { port, connections, close } = await listenOnLoopback(server)

  return {
    url: `http://127.0.0.1:${port}`,
    spans: spans as readonly ReceivedSpan[],
    problems: problems as readonly string[],
    /** The headers of each export. */
    requests: requests as readonly IncomingHttpHeaders[],
    connections,
    set(next: CollectorMode) {
      mode = next
    },
    /** The spans that match, once there are `count` of them. */
    received: (wanted: (span: ReceivedSpan) => boolean, count = 1): Promise<ReceivedSpan[]> =>
      vi.waitFor(
        () => {
          const found = spans.filter(wanted)
          if (found.length < count) throw new Error(`${found.length} of ${count}; got ${spans.map((s) => s.name)}`)
          return found
        },
        { timeout: 10_000, interval: 20 },
      ),
    close,
  }
}

interface ExportRequest {
  readonly resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: { scope: { name: string; version?: string }; spans: Record<string, unknown>[] }[]
  }[]
}

function decode({ method, url, headers }: IncomingMessage, body: Buffer): ExportRequest {
  if (method !== 'POST' || url !== '/v1/traces') throw new Error(`${method} ${url}`)
  const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
  const type = headers['content-type']
  if (type === jsonType) return JSON.parse(plain.toString())
  if (type === 'application/x-protobuf') return decodeExportRequest(plain) as ExportRequest
  throw new Error(`the content type ${type}`)
}

interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, Value>>
}

function spansOf(body: ExportRequest): ReceivedSpan[] {
  return body.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const described = attributesOf(resource.attributes)
    for (const name of ['service.name', 'telemetry.sdk.language']) {
      if (typeof described[name] !== 'string') throw new Error(`the resource has no ${name}`)
    }
    return scopeSpans.flatMap(({ scope, spans }) => {
      if (scope.name === '') throw new Error('a scope without a name')
      return spans.map((span) => spanOf(span, described, scope))
    })
  })
}

function spanOf(
  span: Record<string, unknown>,
  resource: ReceivedSpan['resource'],
  scope: ReceivedSpan['scope'],
): ReceivedSpan {
  const { name, parentSpanId, traceState, status, attributes } = span
  const kind = kinds[Number(span.kind)]
  if (typeof name !== 'string' || name === '') throw new Error('a span without a name')
  if (kind === undefined || !Number.isInteger(span.kind)) throw new Error(`${name}: kind ${span.kind}`)
  const { code = 0, message } = (status ?? {}) as { code?: number; message?: string }
  const startMs = msOf(span.startTimeUnixNano)
  const endMs = msOf(span.endTimeUnixNano)
  if (endMs < startMs) throw new Error(`${name}: ends before it begins`)
  return {
    ...{ name, kind, startMs, endMs, resource, scope },
    traceId: hex(span.traceId, 32),
    spanId: hex(span.spanId, 16),
    parentSpanId: parentSpanId === undefined || parentSpanId === '' ? undefined : hex(parentSpanId, 16),
    traceState: traceState as string | undefined,
    attributes: attributesOf((attributes ?? []) as Attribute[]),
    error: code === errorCode ? (message ?? true) : undefined,
  }
}

function hex(id: unknown, length: number): string {
  if (typeof id !== 'string' || id.length !== length || !/^(?!0+$)[0-9a-f]+$/.test(id)) throw new Error(`id ${id}`)
  return id
}

/** uint64 is a string of digits in JSON, since a number could not hold it. */
function msOf(nanoseconds: unknown): number {
  if (typeof nanoseconds !== 'string' || !/^\d{19}$/.test(nanoseconds)) throw new Error(`time ${nanoseconds}`)
  return Number(BigInt(nanoseconds) / 1_000n) / 1_000
}

function attributesOf(attributes: readonly Attribute[]): Record<string, Value> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [[kind, plain] = []] = Object.entries(value)
      if (!/^(?:string|bool|int|double)Value$/.test(kind ?? '') || plain === undefined)
        throw new Error(`value of ${key}`)
      return [key, plain]
    }),
  )
}
