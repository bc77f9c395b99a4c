/**
 * prom-client 15 with the series of a given exposition. RENDERINGS EXPOSITION_FILE
 * The Node.js defaults are its own; every other metric is made again with the same names, labels, buckets and values.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { printRenderingCost } from '../contestants/rendering-cost.ts'
import { type MetricText, parseExposition } from './exposition-text.ts'

// The service's own library kept the types of its predecessor.
const prom = createRequire(import.meta.url)('prom-client-15') as typeof import('prom-client')

const [renderings, file] = process.argv.slice(2)
const registry = new prom.Registry()
prom.collectDefaultMetrics({ register: registry })
for (const metric of parseExposition(readFileSync(file ?? '', 'utf8'))) {
  if (registry.getSingleMetric(metric.name) === undefined) rebuild(metric)
}
await printRenderingCost(() => registry.metrics(), Number(renderings))
process.exit(0)

function rebuild({ name, help, type, samples }: MetricText): void {
  const plain = samples.filter(({ labels }) => labels.le === undefined)
  const labelNames = [...new Set(plain.flatMap(({ labels }) => Object.keys(labels)))]
  const definition = { name, help, labelNames, registers: [registry] }
  if (type === 'histogram') {
    const bounds = samples.flatMap(({ labels }) => (labels.le === undefined ? [] : Number(labels.le)))
    const buckets = [...new Set(bounds.filter(Number.isFinite))].sort((a, b) => a - b)
    const histogram = new prom.Histogram({ ...definition, buckets })
    const counts = plain.filter((sample) => sample.name === `${name}_count`)
    const sums = plain.filter((sample) => sample.name === `${name}_sum`)
    for (const [index, { labels, value }] of counts.entries()) {
      histogram.zero(labels)
      for (let count = 0; count < value; count += 1) histogram.observe(labels, (sums[index]?.value ?? 0) / value)
    }
  } else if (type === 'counter') {
    const counter = new prom.Counter(definition)
    for (const { labels, value } of plain) counter.inc(labels, value)
  } else {
    const gauge = new prom.Gauge(definition)
    for (const { labels, value } of plain) gauge.set(labels, value)
  }
}
