import { expect, test } from 'vitest'
import { exposition, wantsOpenMetrics } from '../../src/telemetry/exposition.ts'

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

test.each([
  // What Prometheus 2 and 3 send.
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    true,
  ],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;q=0.4,text/plain;q=0.3,*/*;q=0.2',
    true,
  ],
  ['Application/OpenMetrics-Text ; Q=0.5', true],
  ['application/openmetrics-text,text/plain', true],
  ['text/plain,application/openmetrics-text;q=0.9', false],
  ['application/openmetrics-text;q=0', false],
  ['application/*', false],
  ['text/html,application/xhtml+xml,*/*;q=0.8', false],
  ['', false],
])('of "%s" the preferred format is answered', (accept, isOpenMetrics) => {
  expect(wantsOpenMetrics(accept)).toBe(isOpenMetrics)
})
