import { Counter, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createCounterFamily } from '../../src/telemetry/counter-family.ts'

test("its text is the library's, byte for byte, and a series begins at 0", async () => {
  const definition = { name: 'things_total', type: 'counter', help: 'Things.', labels: { kind: 'free' } } as const
  const registry = new Registry()
  const theirs = new Counter({ name: 'things_total', help: 'Things.', labelNames: ['kind'], registers: [registry] })
  const ours = createCounterFamily(definition)
  const count = ours.series({ kind: 'a "b"' })
  ours.series({ kind: 'none' })
  theirs.inc({ kind: 'a "b"' }, 0)
  theirs.inc({ kind: 'none' }, 0)
  for (let times = 0; times < 3; times += 1) {
    count()
    theirs.inc({ kind: 'a "b"' })
  }
  expect(ours.text()).toBe(await registry.metrics())
  expect(ours.text()).toContain('things_total{kind="a \\"b\\""} 3\nthings_total{kind="none"} 0\n')
})
