/** What callers meet, and the statements behind it. */
import type { Alert } from './alert.ts'
import { minuteMs, secondMs, thisMachine } from './alert-texts.ts'
import { recorded } from './recording-rules.ts'

const errorShare = 0.05
/** In 5 minutes: below it, two failed requests would be more than the share. */
const errorMinimumRequests = 50
const p95Seconds = 0.5
/** In 5 minutes: below it a 95th percentile is one request. */
const p95MinimumRequests = 20
const slowPerMinute = 6

const window = '5m'
const steps = { stepMs: 15 * secondMs, wellMs: 10 * minuteMs } as const

export const trafficAlerts: readonly Alert[] = [
  {
    name: 'HighErrorRate',
    severity: 'critical',
    forMs: 5 * minuteMs,
    expr: () => {
      const select = '{objective="availability"}'
      return [
        `${recorded.badEvents(window)}${select} / ${recorded.events(window)}${select} > ${errorShare}`,
        `and ${recorded.events(window)}${select} >= ${errorMinimumRequests}`,
      ].join('\n')
    },
    summary: '{{ $value | humanizePercentage }} of the requests fail',
    description:
      'For 5 minutes more than 5 % of the answers were 500 or above. Which route, which machine, and since which deployment?',
    query: 'sum by (route, instance) (rate(http_request_duration_seconds_count{status_code=~"5.."}[5m]))',
    trials: [
      {
        what: 'one request in ten fails',
        ...steps,
        faultMs: 15 * minuteMs,
        ...{ silentUntilMs: 5 * minuteMs, firesAfterMs: 12 * minuteMs, resolvesAfterMs: 4 * minuteMs },
        // 100 requests in a step; below, one in twenty of them fails, which is not more than 5 %.
        series: [counted('good', 100, 90, 95), counted('bad', 0, 10, 5)],
        labels: [{ objective: 'availability' }],
        value: '10%',
      },
      {
        what: 'half of the requests fail, and there are enough of them',
        ...steps,
        faultMs: 15 * minuteMs,
        ...{ silentUntilMs: 5 * minuteMs, firesAfterMs: 12 * minuteMs, resolvesAfterMs: 6 * minuteMs },
        // 80 requests in 5 minutes; below there are 40.
        series: [counted('good', 2, 2, 1), counted('bad', 0, 2, 1)],
        labels: [{ objective: 'availability' }],
        value: '50%',
      },
    ],
  },
  {
    name: 'ElevatedResponseTime',
    severity: 'warning',
    forMs: 10 * minuteMs,
    expr: ({ span }) =>
      [
        `histogram_quantile(0.95, sum by (job, le) (rate(http_request_duration_seconds_bucket[${span(5 * minuteMs)}]))) > ${p95Seconds}`,
        `and on () ${recorded.events(window)}{objective="latency"} >= ${p95MinimumRequests}`,
      ].join('\n'),
    summary: 'One request in twenty takes more than {{ $value | humanizeDuration }}',
    description:
      'The 95th percentile has been above 500 ms for 10 minutes. Is it one route, slow statements, or a machine without CPU?',
    query: 'histogram_quantile(0.95, sum by (route, le) (rate(http_request_duration_seconds_bucket[5m])))',
    trials: [
      {
        what: 'one request in ten takes longer than 500 ms',
        ...steps,
        faultMs: 25 * minuteMs,
        ...{ silentUntilMs: 10 * minuteMs, firesAfterMs: 16 * minuteMs, resolvesAfterMs: 4 * minuteMs },
        // Of 100 requests in a step; below, 95 are within 500 ms, which makes it the 95th percentile.
        series: [
          bucket('0.25', 100, 90, 95),
          bucket('0.5', 100, 90, 95),
          bucket('1', 100, 100),
          bucket('+Inf', 100, 100),
          {
            name: 'slo_events_total{instance="a",objective="latency",outcome="good"}',
            growing: true,
            well: 100,
            fault: 90,
          },
        ],
        labels: [{ job: 'medio-backend' }],
        value: '750ms',
      },
    ],
  },
  {
    name: 'PoolStuck',
    severity: 'warning',
    forMs: minuteMs,
    expr: ({ span }) =>
      [
        'sum by (job, instance) (db_pool_waiting) > 0',
        `unless sum by (job, instance) (rate(db_pool_acquire_duration_seconds_count[${span(2 * minuteMs)}])) > 0`,
      ].join('\n'),
    summary: `Callers on machine ${thisMachine} wait for a database connection, and for minutes none has got one`,
    description:
      'What needs the database fails on this machine alone. It takes leaked connections back and restarts itself if that does not help; client_held in its log names the code that keeps one.',
    query: 'db_pool_waiting{instance="{{ $labels.instance }}"}',
    trials: [
      {
        what: 'callers wait and none gets a connection',
        ...steps,
        faultMs: 10 * minuteMs,
        ...{ silentUntilMs: 2 * minuteMs, firesAfterMs: 3.5 * minuteMs, resolvesAfterMs: 30 * secondMs },
        series: [
          { name: 'build_info{instance="a",machine="m1",region="iad"}', well: 1, fault: 1 },
          { name: 'db_pool_waiting{instance="a",job="medio-backend"}', well: 0, fault: 3 },
          {
            name: 'db_pool_acquire_duration_seconds_count{instance="a",job="medio-backend"}',
            growing: true,
            ...{ well: 20, fault: 0, below: 1 },
          },
        ],
        labels: [{ instance: 'a', job: 'medio-backend' }],
      },
    ],
  },
  {
    name: 'SlowQueries',
    severity: 'warning',
    forMs: 10 * minuteMs,
    // Sustained, as the counter of a statement begins with its first slow run, which no rate can see.
    expr: ({ span }) =>
      `sum by (job, query) (rate(db_slow_queries_total[${span(5 * minuteMs)}])) * 60 > ${slowPerMinute}`,
    summary: 'The statement {{ $labels.query }} is slow {{ $value | printf "%.0f" }} times a minute',
    description:
      'It has been above the threshold of the slow-query log for 10 minutes. The line slow_query has its text and the route.',
    query:
      'histogram_quantile(0.95, sum by (le) (rate(db_query_duration_seconds_bucket{query="{{ $labels.query }}"}[5m])))',
    trials: [
      {
        what: 'a statement is slow eight times a minute',
        ...steps,
        faultMs: 25 * minuteMs,
        ...{ silentUntilMs: 10 * minuteMs, firesAfterMs: 16 * minuteMs, resolvesAfterMs: 5 * minuteMs },
        series: [
          {
            name: 'db_slow_queries_total{instance="a",job="medio-backend",query="observations.list"}',
            growing: true,
            ...{ well: 0, fault: 2, below: 1.5 },
          },
        ],
        labels: [{ job: 'medio-backend', query: 'observations.list' }],
        value: '8',
      },
    ],
  },
]

function counted(outcome: 'good' | 'bad', well: number, fault: number, below: number) {
  return {
    name: `slo_events_total{instance="a",objective="availability",outcome="${outcome}"}`,
    growing: true,
    well,
    fault,
    below,
  }
}

function bucket(le: string, well: number, fault: number, below?: number) {
  const name = `http_request_duration_seconds_bucket{instance="a",job="medio-backend",le="${le}"}`
  return { name, growing: true, well, fault, ...(below === undefined ? {} : { below }) }
}
