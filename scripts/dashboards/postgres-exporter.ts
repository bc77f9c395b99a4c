/**
 * What the server says of itself, where postgres_exporter collects it: version 0.13 or later, with
 * `--collector.stat_statements` for the statements, and `--collector.stat_statements.include_query` for their texts
 * (0.17). Panels stay empty without it. https://github.com/prometheus-community/postgres_exporter
 */
import { lines, table } from './panels.ts'

/** The metrics that the panels name with the labels that they use; the exporter's collector/*.go declare them. */
export const exporterMetrics: Readonly<Record<string, readonly string[]>> = {
  pg_up: [],
  pg_settings_max_connections: ['server'],
  pg_stat_database_numbackends: ['datid', 'datname'],
  pg_stat_database_blks_hit: ['datid', 'datname'],
  pg_stat_database_blks_read: ['datid', 'datname'],
  pg_stat_database_deadlocks: ['datid', 'datname'],
  pg_stat_database_xact_rollback: ['datid', 'datname'],
  pg_database_size_bytes: ['datname'],
  pg_stat_statements_calls_total: ['user', 'datname', 'queryid'],
  pg_stat_statements_seconds_total: ['user', 'datname', 'queryid'],
  pg_stat_statements_query_id: ['queryid', 'query'],
}

const databases = 'datname!~"template.*"'
const window = '[$__rate_interval]'
const texts = 'on (queryid) group_left (query) max by (queryid, query) (pg_stat_statements_query_id)'

export const serverPanels = [
  lines({
    title: 'Connections of the server',
    description: 'By database, and the limit. Near it: lower DATABASE_POOL_MAX, or put PgBouncer in between.',
    unit: 'short',
    width: 8,
    queries: [
      { expr: `sum by (datname) (pg_stat_database_numbackends{${databases}})`, legend: '{{datname}}' },
      { expr: 'max(pg_settings_max_connections)', legend: 'limit' },
    ],
  }),
  lines({
    title: 'Blocks found in memory',
    description: 'Share of reads that needed no disk. Below 95 % for long: the working set no longer fits.',
    unit: 'percentunit',
    width: 8,
    max: 1,
    queries: [
      {
        expr: `sum by (datname) (rate(pg_stat_database_blks_hit{${databases}}${window})) / (sum by (datname) (rate(pg_stat_database_blks_hit{${databases}}${window})) + sum by (datname) (rate(pg_stat_database_blks_read{${databases}}${window})) > 0)`,
        legend: '{{datname}}',
      },
    ],
  }),
  lines({
    title: 'Deadlocks and rollbacks',
    description: 'A deadlock is two transactions that lock in different order: the server log names both.',
    unit: 'ops',
    width: 8,
    queries: [
      {
        expr: `sum by (datname) (rate(pg_stat_database_deadlocks{${databases}}${window}))`,
        legend: 'deadlocks {{datname}}',
      },
      {
        expr: `sum by (datname) (rate(pg_stat_database_xact_rollback{${databases}}${window}))`,
        legend: 'rollbacks {{datname}}',
      },
    ],
  }),
  table({
    title: 'Statements by time, over the range (pg_stat_statements)',
    description: 'Seconds that the server spent on each. Here because the service times only what passes its own pool.',
    unit: 's',
    width: 12,
    queries: [
      {
        expr: `topk(10, sum by (queryid, datname) (increase(pg_stat_statements_seconds_total{${databases}}[$__range]))) * ${texts}`,
      },
    ],
  }),
  table({
    title: 'Statements by calls, over the range (pg_stat_statements)',
    description: 'A cheap statement called too often is a query in a loop.',
    unit: 'short',
    width: 12,
    queries: [
      {
        expr: `topk(10, sum by (queryid, datname) (increase(pg_stat_statements_calls_total{${databases}}[$__range]))) * ${texts}`,
      },
    ],
  }),
  lines({
    title: 'Size of the database',
    description: 'On disk. HISTORY_RETENTION_DAYS bounds the history; a rise beyond it is bloat or something new.',
    unit: 'bytes',
    width: 12,
    queries: [{ expr: `sum by (datname) (pg_database_size_bytes{${databases}})`, legend: '{{datname}}' }],
  }),
  lines({
    title: 'The exporter reaches the server',
    description: '1 when its last query got through. 0 while the service is healthy: its own password or network.',
    unit: 'none',
    width: 12,
    max: 1,
    queries: [{ expr: 'max(pg_up)', legend: 'reached' }],
  }),
]
