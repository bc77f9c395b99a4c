import { type MetricDefinition, metricDefinitions } from '../telemetry/metric-definitions.ts'

/** Label → its closed set of values, or `free`. */
export type SeriesLabels = Readonly<Record<string, readonly string[] | 'free'>>

/** What Prometheus adds to every series that it scrapes. */
export const targetLabels: SeriesLabels = { job: 'free', instance: 'free' }

/** Of postgres_exporter, which may be there or not: its series differ by version, and are not held against anything. */
export const exporterPrefix = 'pg_'

/** Series that others make: Prometheus itself, blackbox_exporter, and the more telling ones of Node.js' defaults. */
export const foreignSeries: Readonly<Record<string, SeriesLabels>> = {
  up: {},
  ALERTS: { alertname: 'free', alertstate: ['pending', 'firing'], severity: 'free', objective: 'free', window: 'free' },
  prometheus_rule_evaluation_failures_total: { rule_group: 'free' },
  prometheus_notifications_dropped_total: {},
  probe_success: {},
  probe_http_status_code: {},
  probe_ssl_earliest_cert_expiry: {},
  process_cpu_seconds_total: {},
  process_cpu_system_seconds_total: {},
  process_cpu_user_seconds_total: {},
  process_max_fds: {},
  process_open_fds: {},
  process_resident_memory_bytes: {},
  process_start_time_seconds: {},
  nodejs_active_resources: { type: 'free' },
  nodejs_eventloop_lag_mean_seconds: {},
  nodejs_eventloop_lag_p50_seconds: {},
  nodejs_eventloop_lag_p90_seconds: {},
  nodejs_eventloop_lag_p99_seconds: {},
  nodejs_external_memory_bytes: {},
  nodejs_gc_duration_seconds_bucket: { kind: 'free', le: 'free' },
  nodejs_gc_duration_seconds_count: { kind: 'free' },
  nodejs_gc_duration_seconds_sum: { kind: 'free' },
  nodejs_heap_size_total_bytes: {},
  nodejs_heap_size_used_bytes: {},
  nodejs_heap_space_size_used_bytes: { space: 'free' },
}

/** The labels of a series that the service or one of the above has; undefined when there is no such series. */
export function labelsOfSeries(name: string): SeriesLabels | undefined {
  const foreign = foreignSeries[name]
  if (foreign !== undefined) return { ...foreign, ...targetLabels }
  for (const { name: metric, type, labels = {} } of Object.values<MetricDefinition>(metricDefinitions)) {
    const own: SeriesLabels = { ...labels, ...targetLabels }
    if (type !== 'histogram' && name === metric) return own
    if (type === 'histogram' && name === `${metric}_bucket`) return { ...own, le: 'free' }
    if (type === 'histogram' && (name === `${metric}_sum` || name === `${metric}_count`)) return own
  }
  return undefined
}
