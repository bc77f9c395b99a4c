import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { readProjectFile } from './project-files.ts'

const components = z.record(z.string(), z.unknown())
/** The parts of a collector's configuration: https://opentelemetry.io/docs/collector/configuration/ */
const schema = z.strictObject({
  receivers: components,
  processors: components,
  exporters: z.record(
    z.string(),
    z.strictObject({
      endpoint: z.string().optional(),
      traces_endpoint: z.string().optional(),
      compression: z.literal('gzip').optional(),
      headers: z.record(z.string(), z.string()).optional(),
    }),
  ),
  extensions: components,
  service: z.strictObject({
    extensions: z.array(z.string()),
    pipelines: z.strictObject({
      traces: z.strictObject({
        receivers: z.array(z.string()),
        processors: z.array(z.string()),
        exporters: z.array(z.string()),
      }),
    }),
  }),
})

const text = readProjectFile('ops/otel-collector/config.yaml')
const fly = readProjectFile('ops/otel-collector/fly.toml')
const config = schema.parse(parse(text))

describe('ops/otel-collector/config.yaml', () => {
  it('uses every component that it declares, and no other', () => {
    const { traces } = config.service.pipelines
    for (const kind of ['receivers', 'processors', 'exporters'] as const) {
      expect(traces[kind].toSorted(), kind).toEqual(Object.keys(config[kind]).toSorted())
    }
    expect(config.service.extensions).toEqual(Object.keys(config.extensions))
  })

  it('guards its memory first and makes batches last, with more than one backend behind them', () => {
    const { processors, exporters } = config.service.pipelines.traces
    expect([processors[0], processors.at(-1)]).toEqual(['memory_limiter', 'batch'])
    expect(exporters.length).toBeGreaterThan(1)
    for (const { endpoint, traces_endpoint } of Object.values(config.exporters)) {
      expect([endpoint, traces_endpoint].filter((each) => /^\$\{env:\w+\}$/.test(each ?? ''))).toHaveLength(1)
    }
  })

  it('takes every header’s secret from the environment', () => {
    const headers = Object.values(config.exporters).flatMap((exporter) => Object.values(exporter.headers ?? {}))
    expect(headers.length).toBeGreaterThan(0)
    expect(headers.filter((value) => !/\$\{env:\w+\}$/.test(value))).toEqual([])
  })

  it('takes OTLP on the port that the documents name, and tells its health where fly.toml asks', () => {
    expect(config.receivers).toEqual({ otlp: { protocols: { http: { endpoint: '[::]:4318' } } } })
    expect(readProjectFile('docs/tracing.md')).toContain('http://medio-otel-collector.internal:4318')
    const [, port] = /port = (\d+)/.exec(fly) ?? []
    expect(config.extensions.health_check).toEqual({ endpoint: `[::]:${port}` })
  })

  it('finds each of its variables in fly.toml, the secret ones as secrets', () => {
    const variables = [...text.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => name)
    const isSet = (name: string) => new RegExp(`^  ${name} = "`, 'm').test(fly)
    const isSecret = (name: string) => new RegExp(`fly secrets set .*\\b${name}=`).test(fly)
    expect(variables.map((name) => [name, isSet(name) !== isSecret(name)])).toEqual(
      variables.map((name) => [name, true]),
    )
  })
})
