/**
 * OpenTelemetry's own variables, as far as they mean something here: its SDK would read `process.env` itself, take a
 * default for what it can't read, and not tell which values are secrets.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export const tracingVariableNames = [
  'OTEL_SDK_DISABLED',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_EXPORTER_OTLP_COMPRESSION',
  'OTEL_EXPORTER_OTLP_TIMEOUT',
  'OTEL_SERVICE_NAME',
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
  'OTEL_BSP_SCHEDULE_DELAY',
  'OTEL_BSP_MAX_QUEUE_SIZE',
] as const
export type TracingVariable = (typeof tracingVariableNames)[number]

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

/** The third of the specification, gRPC, is not spoken here. */
const protocols = ['http/protobuf', 'http/json'] as const

export interface TracingConfig {
  /** Where `POST` takes spans. */
  readonly url: string
  readonly protocol: (typeof protocols)[number]
  readonly headers: Readonly<Record<string, string>>
  readonly compression: 'none' | 'gzip'
  /** For one export with all of its tries. */
  readonly exportTimeoutMs: number
  /** Undefined: the name that the caller has for this service. */
  readonly serviceName: string | undefined
  /** Win over what the service says of itself. */
  readonly resourceAttributes: Readonly<Record<string, string>>
  readonly sampler: (typeof samplers)[number]
  /** Of the samplers that end in `traceidratio`. */
  readonly ratio: number
  readonly scheduleDelayMs: number
  /** Spans that may wait for an export; what comes beyond is dropped and counted. */
  readonly maxQueueSize: number
}

type Values = Readonly<Partial<Record<TracingVariable, string>>>

/** The readers of src/config.ts that serve here too. */
interface Take {
  integer(name: TracingVariable, fallback: number, least: number, most: number): number
  flag(name: TracingVariable, fallback: boolean): boolean
  choice<const T extends string>(name: TracingVariable, allowed: readonly T[], fallback: T): T
  url(name: TracingVariable, protocols: readonly string[]): string | undefined
}

/**
 * Undefined without an endpoint, and with `OTEL_SDK_DISABLED`. What can't be read is a problem in either case, so that
 * a slip does not wait for the day on which tracing is switched on.
 */
export function readTracing(values: Values, take: Take, problems: string[]): TracingConfig | undefined {
  const base = take.url('OTEL_EXPORTER_OTLP_ENDPOINT', ['https:', 'http:'])
  const exact = take.url('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', ['https:', 'http:'])
  const disabled = take.flag('OTEL_SDK_DISABLED', false)
  const config = {
    protocol: take.choice('OTEL_EXPORTER_OTLP_PROTOCOL', protocols, 'http/protobuf'),
    headers: {
      ...pairs('OTEL_EXPORTER_OTLP_HEADERS', headerName, headerValue),
      ...pairs('OTEL_EXPORTER_OTLP_TRACES_HEADERS', headerName, headerValue),
    },
    compression: take.choice('OTEL_EXPORTER_OTLP_COMPRESSION', ['none', 'gzip'], 'none'),
    exportTimeoutMs: take.integer('OTEL_EXPORTER_OTLP_TIMEOUT', 10_000, 1, 60_000),
    serviceName: values.OTEL_SERVICE_NAME,
    resourceAttributes: pairs('OTEL_RESOURCE_ATTRIBUTES', attributeName, attributeValue),
    sampler: take.choice('OTEL_TRACES_SAMPLER', samplers, 'parentbased_always_on'),
    ratio: ratio(),
    scheduleDelayMs: take.integer('OTEL_BSP_SCHEDULE_DELAY', 5_000, 1, 60_000),
    maxQueueSize: take.integer('OTEL_BSP_MAX_QUEUE_SIZE', 2_048, 1, 16_384),
  }
  const url = exact ?? (base === undefined ? undefined : `${base.replace(/\/+$/, '')}/v1/traces`)
  return url === undefined || disabled ? undefined : { url, ...config }

  /** `key=value,key=value`, percent-encoded: https://www.w3.org/TR/baggage/#header-content */
  function pairs(name: TracingVariable, nameForm: RegExp, valueForm: RegExp): Record<string, string> {
    const found: Record<string, string> = {}
    for (const [index, pair] of (values[name] ?? '').split(',').entries()) {
      if (pair.trim() === '') continue
      const at = pair.indexOf('=')
      const key = pair.slice(0, Math.max(at, 0)).trim()
      const value = decoded(pair.slice(at + 1).trim())
      if (value !== undefined && nameForm.test(key) && valueForm.test(value)) found[key] = value
      else problems.push(`${name} entry ${index + 1} is not key=value with a percent-encoded value`)
    }
    return found
  }

  function ratio(): number {
    const text = values.OTEL_TRACES_SAMPLER_ARG
    if (text === undefined) return 1
    if (/^(?:0(?:\.\d+)?|1(?:\.0+)?)$/.test(text)) return Number(text)
    problems.push('OTEL_TRACES_SAMPLER_ARG is not a number from 0 to 1, such as 0.1')
    return 1
  }
}

/** RFC 9110, 5.6.2 and 5.5: a token, and what may stand behind it. */
const headerName = /^[\w!#$%&'*+.^`|~-]+$/
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/
const attributeName = /^[\w.-]+$/
const attributeValue = /^.*$/

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

/**
 * What must not be seen of it: the headers, each value, and each word within one, such as the token after `Bearer`.
 * Short ones (the number of a tenant) protect nothing, and taking them out everywhere would cost the log its sense.
 */
export function tracingSecrets(values: Values, tracing: TracingConfig | undefined): string[] {
  if (tracing === undefined) return []
  const { password } = new URL(tracing.url)
  const variables = [values.OTEL_EXPORTER_OTLP_HEADERS, values.OTEL_EXPORTER_OTLP_TRACES_HEADERS]
  const headers = variables.map((text) => text ?? '')
  const each = headers.flatMap((text) => text.split(',')).map((pair) => pair.slice(pair.indexOf('=') + 1).trim())
  return [password, ...headers, ...each]
    .flatMap((value) => [value, decoded(value) ?? ''])
    .flatMap((value) => [value, ...value.split(' ')])
    .filter((value) => value.length >= secretLengthMin)
}

const secretLengthMin = 8
