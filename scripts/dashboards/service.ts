/** What users get: traffic, errors and latency by route, and what the process has left to serve them. */
import { latencyGoodMs } from '../../src/slo/objectives.ts'
import { board } from './board.ts'
import { figure, lines } from './panels.ts'
import { percentile, rate, selected, withMachine } from './selection.ts'

const duration = 'http_request_duration_seconds'
const requests = `${duration}_count`
const goodSeconds = latencyGoodMs / 1_000
/** The sum of no series is no value, and an error share of nothing would be a gap and not 0. */
const errorShare = `(sum(${rate(requests, 'status_code=~"5.."')}) or vector(0)) / sum(${rate(requests)})`
const latencyLimits = {
  from: [
    [goodSeconds, 'yellow'],
    [2 * goodSeconds, 'red'],
  ],
} as const
/** Of the alert HighErrorRate. */
const errorLimits = {
  from: [
    [0.01, 'yellow'],
    [0.05, 'red'],
  ],
} as const

export const serviceBoard = board({
  name: 'service',
  title: 'Medio: service',
  description: 'Do users get answers, how fast, and which route is to blame? Health and metrics requests are left out.',
  from: 'now-6h',
  sources: ['prometheus'],
  rows: {
    'What users get': [
      figure({
        title: 'Requests',
        description: 'Requests a second of all selected machines. None at all: look at the health board first.',
        unit: 'reqps',
        width: 6,
        queries: [{ expr: `sum(${rate(requests)})` }],
      }),
      figure({
        title: 'Errors',
        description: 'Share of requests answered with 5xx. Above 5 % HighErrorRate pages: look for the route below.',
        unit: 'percentunit',
        width: 6,
        thresholds: errorLimits,
        queries: [{ expr: errorShare }],
      }),
      figure({
        title: 'Latency, 95th percentile',
        description: `Above ${latencyGoodMs} ms ElevatedResponseTime warns: compare with the database board.`,
        unit: 's',
        width: 6,
        thresholds: latencyLimits,
        queries: [{ expr: percentile(0.95, duration) }],
      }),
      figure({
        title: 'In flight',
        description: 'Requests begun and not yet answered. Rising while requests do not: something is waited for.',
        unit: 'short',
        width: 6,
        queries: [{ expr: `sum(${selected('http_requests_in_flight')})` }],
      }),
    ],
    'By route': [
      lines({
        title: 'Requests by route',
        description: 'Templates, not paths; "unmatched" are paths that no route has: scanners, or a broken link.',
        unit: 'reqps',
        width: 12,
        stacked: true,
        queries: [{ expr: `sum by (route) (${rate(requests)})`, legend: '{{route}}' }],
      }),
      lines({
        title: 'Errors by route and code',
        description: 'Answers of 5xx. One route: its own code or its statement; all at once: the database or a deploy.',
        unit: 'reqps',
        width: 12,
        queries: [
          {
            expr: `sum by (route, status_code) (${rate(requests, 'status_code=~"5.."')})`,
            legend: '{{status_code}} {{route}}',
          },
        ],
      }),
      lines({
        title: 'Latency of all requests',
        description:
          'Percentiles over all selected machines. A slow 99th with a fast median: a lock, a cold start, GC.',
        unit: 's',
        width: 12,
        thresholds: latencyLimits,
        queries: [
          { expr: percentile(0.5, duration), legend: 'median' },
          { expr: percentile(0.95, duration), legend: '95th' },
          { expr: percentile(0.99, duration), legend: '99th' },
        ],
      }),
      lines({
        title: 'Latency by route, 95th percentile',
        description: 'The slow route; its statements are on the database board, its lines in the log by `route`.',
        unit: 's',
        width: 12,
        thresholds: latencyLimits,
        queries: [{ expr: percentile(0.95, duration, ['route']), legend: '{{route}}' }],
      }),
      lines({
        title: 'Answers by code',
        description: '429: a client is limited. 401: tokens are tried or wrong. 503: a machine drains or starts.',
        unit: 'reqps',
        width: 12,
        stacked: true,
        queries: [{ expr: `sum by (status_code) (${rate(requests)})`, legend: '{{status_code}}' }],
      }),
      lines({
        title: 'In flight by machine',
        description: 'One machine far above the others: it is slow, or the proxy sends it too much.',
        unit: 'short',
        width: 12,
        queries: [{ expr: withMachine(selected('http_requests_in_flight')), legend: '{{machine}}' }],
      }),
    ],
    'What the process has left': [
      lines({
        title: 'Event loop lag, 99th percentile',
        description: 'How late the loop turns; everything waits behind it. High: a long synchronous piece of work.',
        unit: 's',
        width: 12,
        thresholds: {
          from: [
            [0.1, 'yellow'],
            [0.5, 'red'],
          ],
        },
        queries: [{ expr: withMachine(selected('nodejs_eventloop_lag_p99_seconds')), legend: '{{machine}}' }],
      }),
      lines({
        title: 'CPU',
        description: 'Seconds of CPU a second. A shared machine of Fly has 0.0625 of a core when its burst is spent.',
        unit: 'percentunit',
        width: 12,
        queries: [{ expr: withMachine(rate('process_cpu_seconds_total')), legend: '{{machine}}' }],
      }),
      lines({
        title: 'Memory of the process',
        description:
          'Resident bytes. A steady rise over hours is a leak; self-healing restarts the machine before 256 MB.',
        unit: 'bytes',
        width: 12,
        queries: [{ expr: withMachine(selected('process_resident_memory_bytes')), legend: '{{machine}}' }],
      }),
      lines({
        title: 'Heap in use',
        description: 'The heap of V8. Flat while resident memory rises: the leak is in buffers or native code.',
        unit: 'bytes',
        width: 12,
        queries: [{ expr: withMachine(selected('nodejs_heap_size_used_bytes')), legend: '{{machine}}' }],
      }),
      lines({
        title: 'Time in garbage collection',
        description: 'Share of time by kind of collection. "major" above a few percent: memory is short.',
        unit: 'percentunit',
        width: 12,
        queries: [{ expr: `sum by (kind) (${rate('nodejs_gc_duration_seconds_sum')})`, legend: '{{kind}}' }],
      }),
      lines({
        title: 'Open handles by kind',
        description: 'Sockets, timers and files that Node holds. A steady rise is a leak of connections.',
        unit: 'short',
        width: 12,
        queries: [{ expr: `sum by (type) (${selected('nodejs_active_resources')})`, legend: '{{type}}' }],
      }),
    ],
  },
})
