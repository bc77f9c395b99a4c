import { expect, test } from 'vitest'
import {
  linesPerSeries,
  type MetricDefinition,
  metricDefinitions,
  reservedLines,
} from '../../src/telemetry/metric-definitions.ts'

const definitions = Object.values<MetricDefinition>(metricDefinitions)

// The rules of `promtool check metrics`: https://github.com/prometheus/client_golang/tree/main/prometheus/testutil/promlint
test.each(definitions)('$name keeps the naming rules of Prometheus', ({ name, type, help, labels = {}, buckets }) => {
  expect(name).toMatch(/^[a-z]+(_[a-z]+)+$/)
  expect(help).toMatch(/^\S.*\.$/)
  expect(name.endsWith('_total')).toBe(type === 'counter')
  expect(name).not.toMatch(/_(count|sum|bucket)$/)
  expect(name).not.toMatch(/_(milliseconds|ms|minutes|kilobytes|megabytes|percent)(_|$)/)
  expect(name).not.toMatch(/gauge|counter|histogram/)
  expect(Object.keys(labels)).not.toContain('le')
  expect(type === 'histogram').toBe(buckets !== undefined)
  expect(buckets ?? []).toEqual([...(buckets ?? [])].sort((a, b) => a - b))
})

test('the buckets hold the limits of the objectives', () => {
  expect(metricDefinitions.httpRequestDuration.buckets).toEqual(expect.arrayContaining([0.1, 0.5, 1]))
  expect(metricDefinitions.queryDuration.buckets).toEqual(expect.arrayContaining([0.1, 0.5]))
})

test('a histogram has a line per bucket and three more', () => {
  expect(linesPerSeries(metricDefinitions.queryDuration)).toBe(10)
  expect(linesPerSeries(metricDefinitions.slowQueries)).toBe(1)
})

test('what is reserved leaves most of 2,000 series to routes and statements', () => {
  expect(reservedLines()).toBeGreaterThan(100)
  expect(reservedLines()).toBeLessThan(200)
})
