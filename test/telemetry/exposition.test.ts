import { expect, test } from 'vitest'
import { exposition } from '../../src/telemetry/exposition.ts'

const text = `# HELP things_total Things.
# TYPE things_total counter
things_total{kind="a"} 3

# HELP nodejs_active_handles_total Handles.
# TYPE nodejs_active_handles_total gauge
nodejs_active_handles_total 2
`

test('the Prometheus text format is the default', () => {
  const plain = { contentType: 'text/plain; version=0.0.4; charset=utf-8', body: text }
  expect(exposition(text, undefined)).toEqual(plain)
  expect(exposition(text, '*/*')).toEqual(plain)
  expect(exposition(text, 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1')).toEqual(plain)
})

test('OpenMetrics is given when asked for: counters without their suffix in the family, no empty line, an end', () => {
  const accept = 'application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5'
  expect(exposition(text, accept)).toEqual({
    contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    body: `# HELP things Things.
# TYPE things counter
things_total{kind="a"} 3
# HELP nodejs_active_handles_total Handles.
# TYPE nodejs_active_handles_total gauge
nodejs_active_handles_total 2
# EOF
`,
  })
})
