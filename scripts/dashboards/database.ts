/** Is the database slow, or the way to it? The pool and the statements as the service times them, then the server. */
import { board } from './board.ts'
import { figure, lines, table } from './panels.ts'
import { serverPanels } from './postgres-exporter.ts'
import { percentile, rate, selected, withMachine } from './selection.ts'

const statement = 'db_query_duration_seconds'
/** Where SC-010 of the report begins, and the warning of the slow-query log by its default. */
const statementLimits = {
  from: [
    [0.1, 'yellow'],
    [0.5, 'red'],
  ],
} as const

export const databaseBoard = board({
  name: 'database',
  title: 'Medio: database',
  description: 'Is the pool full, a statement slow, or the server in trouble? The last row needs postgres_exporter.',
  from: 'now-6h',
  sources: ['prometheus'],
  rows: {
    'The way to the database': [
      figure({
        title: 'Database check',
        description: 'The worst of all machines: 1 healthy, 0.5 degraded, 0 unhealthy or stale. Below 1: /api/health.',
        unit: 'none',
        width: 6,
        thresholds: {
          below: 'red',
          from: [
            [0.5, 'yellow'],
            [1, 'green'],
          ],
        },
        queries: [{ expr: `min(${selected('health_check_status', 'check="database"')})` }],
      }),
      figure({
        title: 'Pool in use, the fullest',
        description: 'Connections in use of those allowed. At 100 % with waiters: look for a slow or leaked one below.',
        unit: 'percentunit',
        width: 6,
        thresholds: {
          from: [
            [0.7, 'yellow'],
            [0.95, 'red'],
          ],
        },
        queries: [
          {
            expr: `max(sum by (instance) (${selected('db_pool_connections', 'state="active"')}) / sum by (instance) (${selected('db_pool_connections_max')}))`,
          },
        ],
      }),
      figure({
        title: 'Callers that wait',
        description: 'For a connection, over all machines. Above 0 for long: PoolStuck, or too small a pool.',
        unit: 'short',
        width: 6,
        thresholds: {
          from: [
            [1, 'yellow'],
            [10, 'red'],
          ],
        },
        queries: [{ expr: `sum(${selected('db_pool_waiting')})` }],
      }),
      figure({
        title: 'Failures',
        description: 'Failed statements and connections a second. Their classes are below, the lines in the log.',
        unit: 'ops',
        width: 6,
        thresholds: { from: [[0.01, 'yellow']] },
        queries: [{ expr: `sum(${rate('db_errors_total')})` }],
      }),
      lines({
        title: 'Connections by machine',
        description: 'Open connections of each pool. Their sum over all machines must stay below max_connections.',
        unit: 'short',
        width: 8,
        stacked: true,
        queries: [
          {
            expr: withMachine(`sum by (instance, state) (${selected('db_pool_connections')})`),
            legend: '{{state}} {{machine}}',
          },
        ],
      }),
      lines({
        title: 'Callers that wait, by machine',
        description: 'One machine alone: restart it. All: the database is slow, or the pools are too small.',
        unit: 'short',
        width: 8,
        queries: [{ expr: withMachine(selected('db_pool_waiting')), legend: '{{machine}}' }],
      }),
      lines({
        title: 'Wait for a connection',
        description: 'Opening one included. A high median: connections are opened anew all the time.',
        unit: 's',
        width: 8,
        queries: [
          { expr: percentile(0.5, 'db_pool_acquire_duration_seconds'), legend: 'median' },
          { expr: percentile(0.95, 'db_pool_acquire_duration_seconds'), legend: '95th' },
        ],
      }),
    ],
    Statements: [
      lines({
        title: 'Run time by statement, 95th percentile',
        description: 'Without the wait for a connection. One slow: its plan or a lock; all: the server.',
        unit: 's',
        width: 12,
        thresholds: statementLimits,
        queries: [{ expr: percentile(0.95, statement, ['query']), legend: '{{query}}' }],
      }),
      lines({
        title: 'Time spent by statement',
        description: 'Seconds of the database a second. The largest area is worth an index first.',
        unit: 'percentunit',
        width: 12,
        stacked: true,
        queries: [{ expr: `sum by (query) (${rate(`${statement}_sum`)})`, legend: '{{query}}' }],
      }),
      lines({
        title: 'Statements by outcome',
        description: 'How many, and how many failed.',
        unit: 'ops',
        width: 8,
        queries: [{ expr: `sum by (outcome) (${rate(`${statement}_count`)})`, legend: '{{outcome}}' }],
      }),
      lines({
        title: 'Slow statements',
        description: 'Above SLOW_QUERY_MS. Each kind is in the log as slow_query with its text and fingerprint.',
        unit: 'ops',
        width: 8,
        queries: [{ expr: `sum by (query) (${rate('db_slow_queries_total')})`, legend: '{{query}}' }],
      }),
      lines({
        title: 'Failures by SQLSTATE class',
        description:
          '08, none: no connection. 53: out of resources. 57: cancelled or shut down. 40: a conflict, tried again.',
        unit: 'ops',
        width: 8,
        queries: [{ expr: `sum by (sqlstate_class) (${rate('db_errors_total')})`, legend: '{{sqlstate_class}}' }],
      }),
      table({
        title: 'The slowest statements of the range',
        description: 'Mean run time over the range that is shown. To see a plan: EXPLAIN (ANALYZE, BUFFERS) on a copy.',
        unit: 's',
        width: 24,
        thresholds: statementLimits,
        queries: [
          {
            expr: `topk(10, sum by (query) (increase(${selected(`${statement}_sum`)}[$__range])) / (sum by (query) (increase(${selected(`${statement}_count`)}[$__range])) > 0))`,
          },
        ],
      }),
    ],
    'The server, by postgres_exporter': serverPanels,
  },
})
