import { Histogram, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createHistogramFamily } from '../../src/telemetry/histogram-family.ts'
import type { MetricDefinition } from '../../src/telemetry/metric-definitions.ts'

const definition: MetricDefinition & { buckets: readonly number[] } = {
  name: 'wait_seconds',
  type: 'histogram',
  help: 'Wait for a thing.',
  labels: { route: 'free', code: 'free' },
  buckets: [0.005, 0.1, 1, 2.5],
}

const values = [0, 0.005, 0.0050001, 0.1, 0.7, 1, 2.4, 2.5, 2.6, 400, 1e-7]

test("its text is the library's, byte for byte", async () => {
  const registry = new Registry()
  const { name, help } = definition
  const theirs = new Histogram({
    name,
    help,
    labelNames: ['route', 'code'],
    buckets: [...definition.buckets],
    registers: [registry],
  })
  const ours = createHistogramFamily(definition)
  for (const labels of [
    { route: '/api/"a"\\b\n', code: 200 },
    { route: '/', code: 503 },
  ]) {
    const record = ours.series(labels)
    theirs.zero(labels)
    for (const value of labels.code === 200 ? values : []) {
      record(value)
      theirs.observe(labels, value)
    }
  }
  expect(ours.text()).toBe(await registry.metrics())
})

test("its text without labels is the library's too", async () => {
  const registry = new Registry()
  const { name, help } = definition
  const theirs = new Histogram({ name, help, buckets: [...definition.buckets], registers: [registry] })
  const ours = createHistogramFamily(definition)
  const record = ours.series({})
  for (const value of values) {
    record(value)
    theirs.observe(value)
  }
  expect(ours.text()).toBe(await registry.metrics())
})

test('what is no duration is left out, so that the sum stays a number', () => {
  const family = createHistogramFamily(definition)
  const record = family.series({})
  for (const value of [Number.NaN, -1, 0.25]) record(value)
  expect(family.text()).toContain('wait_seconds_sum 0.25\nwait_seconds_count 1\n')
})

test('the last span of each bucket is its exemplar, where exemplars are asked for', () => {
  const family = createHistogramFamily(definition)
  const record = family.series({ route: '/' })
  const before = Date.now()
  record(0.05, { traceId: 'a'.repeat(32), spanId: '1'.repeat(16) })
  record(0.06, { traceId: 'b'.repeat(32), spanId: '2'.repeat(16) })
  record(0.07)
  record(400, { traceId: 'c'.repeat(32), spanId: '3'.repeat(16) })
  const plain = family.text()
  expect(plain).not.toContain(' # ')
  const lines = family.text(true).split('\n')
  expect(lines.map((line) => line.split(' # ')[0]).join('\n')).toBe(plain)
  const exemplars = lines.flatMap((line) => {
    const [sample, exemplar] = line.split(' # ')
    return exemplar === undefined ? [] : [[sample, exemplar.slice(0, exemplar.lastIndexOf(' '))]]
  })
  expect(exemplars).toEqual([
    ['wait_seconds_bucket{le="0.1",route="/"} 3', `{trace_id="${'b'.repeat(32)}",span_id="${'2'.repeat(16)}"} 0.06`],
    ['wait_seconds_bucket{le="+Inf",route="/"} 4', `{trace_id="${'c'.repeat(32)}",span_id="${'3'.repeat(16)}"} 400`],
  ])
  const seconds = Number(/ (\S+)$/m.exec(lines.find((line) => line.includes(' # ')) ?? '')?.[1])
  expect(seconds * 1_000).toBeGreaterThanOrEqual(before)
  expect(seconds * 1_000).toBeLessThanOrEqual(Date.now())
})
