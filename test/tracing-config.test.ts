import { describe, expect, it } from 'vitest'
import { readEnv, toConfig } from '../src/config.ts'
import { ConfigError } from '../src/errors.ts'

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example.test' }
const tracingOf = (env: Readonly<Record<string, string>>) => toConfig(readEnv(env)).tracing

function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    toConfig(readEnv(env))
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('the configuration of tracing', () => {
  it('is absent without an endpoint, and where the SDK is disabled', () => {
    expect(tracingOf({ OTEL_SERVICE_NAME: 'medio', OTEL_TRACES_SAMPLER: 'always_on' })).toBeUndefined()
    expect(tracingOf({ ...endpoint, OTEL_SDK_DISABLED: 'true' })).toBeUndefined()
  })

  it('has the defaults of the specification', () => {
    expect(tracingOf(endpoint)).toEqual({
      url: 'https://otlp.example.test/v1/traces',
      protocol: 'http/protobuf',
      headers: {},
      compression: 'none',
      exportTimeoutMs: 10_000,
      serviceName: undefined,
      resourceAttributes: {},
      sampler: 'parentbased_always_on',
      ratio: 1,
      scheduleDelayMs: 5_000,
      maxQueueSize: 2_048,
    })
  })

  it.each([
    ['https://otlp.example.test/', 'https://otlp.example.test/v1/traces'],
    ['http://collector:4318/base', 'http://collector:4318/base/v1/traces'],
  ])('appends the path of traces to the endpoint %s', (base, url) => {
    expect(tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT: base })?.url).toBe(url)
  })

  it('takes the endpoint of traces as it is, before the other', () => {
    const OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = 'http://tempo:4318/custom'
    expect(tracingOf({ ...endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT })?.url).toBe('http://tempo:4318/custom')
  })

  it('reads the sampler, the name, the attributes and the bounds', () => {
    const env = {
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.05',
      OTEL_SERVICE_NAME: 'medio',
      OTEL_RESOURCE_ATTRIBUTES: 'team=core, note=a%2Cb%3Dc%20%C3%BC',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc,x-scope-orgid=7',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-scope-orgid=8',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
      OTEL_BSP_SCHEDULE_DELAY: '1000',
      OTEL_BSP_MAX_QUEUE_SIZE: '512',
    }
    expect(tracingOf({ ...endpoint, ...env })).toMatchObject({
      ...{ sampler: 'parentbased_traceidratio', ratio: 0.05, serviceName: 'medio', compression: 'gzip' },
      ...{ exportTimeoutMs: 2_000, scheduleDelayMs: 1_000, maxQueueSize: 512 },
      resourceAttributes: { team: 'core', note: 'a,b=c ü' },
      headers: { authorization: 'Bearer abc', 'x-scope-orgid': '8' },
    })
  })

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318', 'is not a URL that begins with https:// or http://'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'grpc://collector', 'is not a URL that begins with https:// or http://'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'is not one of http/protobuf, http/json'],
    ['OTEL_SDK_DISABLED', 'yes', 'is not one of true, false'],
    ['OTEL_TRACES_SAMPLER_ARG', '10%', 'is not a number from 0 to 1, such as 0.1'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'is not a number from 0 to 1, such as 0.1'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=1,no-value', 'entry 2 is not key=value with a percent-encoded value'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=b%0Ac', 'entry 1 is not key=value with a percent-encoded value'],
    ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'a=%zz', 'entry 1 is not key=value with a percent-encoded value'],
    ['OTEL_RESOURCE_ATTRIBUTES', '=x', 'entry 1 is not key=value with a percent-encoded value'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0', 'is not a whole number from 1 to 16384'],
  ])('refuses %s=%s by name, also where nothing is traced', (name, value, problem) => {
    expect(problemsOf({ [name]: value })).toEqual([`${name} ${problem}`])
  })

  it('names the samplers that there are when another is asked for', () => {
    const [problem] = problemsOf({ OTEL_TRACES_SAMPLER: 'jaeger_remote' })
    expect(problem).toMatch(/^OTEL_TRACES_SAMPLER is not one of always_on, always_off, .*parentbased_traceidratio$/)
  })

  it('counts the long values of headers, the tokens in them and the password of the endpoint as secrets', () => {
    const { secrets } = toConfig(
      readEnv({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:endpoint-password@otlp.example.test',
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-token,x-team=core',
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-key=traces-only-key',
      }),
    )
    const values = ['endpoint-password', 'Bearer%20collector-token', 'Bearer collector-token', 'collector-token']
    expect(secrets).toEqual(expect.arrayContaining([...values, 'traces-only-key']))
    expect(secrets).not.toContain('core')
  })
})
