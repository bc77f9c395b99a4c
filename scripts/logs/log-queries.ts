/**
 * The questions that people ask the log, with their LogQL. Runbooks and boards link to them by name; the page
 * ops/loki/queries.md is made from them. What stands in capitals is to be replaced.
 * https://grafana.com/docs/loki/latest/query/
 */
import { latencyGoodMs } from '../../src/slo/objectives.ts'
import type { LogEvent } from '../../src/telemetry/log-events.ts'
import { serviceName } from './log-fields.ts'

export interface LogQuery {
  /** Of the section in ops/loki/queries.md: `#slow-queries`. */
  readonly name: string
  /** What it answers. */
  readonly question: string
  readonly logql: string
}

/** Of lines that nginx writes, and the supervisor (docs/monitoring.md). */
type NeighbourEvent = 'nginx_request' | 'node_exited' | 'nginx_exited' | 'machine_restarting' | 'self_restart_not_asked'

const all = `{service="${serviceName}"}`
const failing = `{service="${serviceName}", level=~"warn|error|fatal"}`

function of(...events: readonly (LogEvent | NeighbourEvent)[]): string {
  const [only, ...more] = events
  return more.length === 0 ? `${all} | event="${only}"` : `${all} | event=~"${events.join('|')}"`
}

/** Takes fields out of the line, by their paths; a dot in one becomes an underscore. */
const fields = (...paths: readonly string[]) =>
  `| json ${paths.map((path) => `${path.replaceAll('.', '_')}="${path}"`).join(', ')}`

const completed = `${of('request_completed')} ${fields('method', 'route', 'statusCode', 'durationMs')}`
const slow = `${of('slow_query')} ${fields('query', 'fingerprint', 'durationMs', 'acquireMs', 'rows', 'suppressed', 'sql')}`

const queries = [
  {
    name: 'errors',
    question: 'What went wrong?',
    logql: `${failing}`,
  },
  {
    name: 'errors-by-event',
    question: 'Which kind of trouble grew, and when?',
    logql: `sum by (level, event) (count_over_time(${failing} [5m]))`,
  },
  {
    name: 'one-request',
    question: 'What happened in one request? Its id is in the header X-Request-Id and in the body of every error.',
    logql: `${all} | requestId="REQUEST_ID"`,
  },
  {
    name: 'one-fly-request',
    question: 'The same by the id of Fly’s proxy, its header Fly-Request-Id.',
    logql: `${all} | flyRequestId="FLY_REQUEST_ID"`,
  },
  {
    name: 'one-trace',
    question: 'What did a trace, or an exemplar of a histogram, log?',
    logql: `${all} | traceId="TRACE_ID"`,
  },
  {
    name: 'one-machine',
    question: 'What did one machine say?',
    logql: `${all} | machine="MACHINE"`,
  },
  {
    name: 'health-changes',
    question: 'When did which machine change its status, and for which check?',
    logql: `${of('health_changed')} ${fields('from', 'to', 'reasons')} | line_format "{{.machine}}: {{.from}} → {{.to}} {{.reasons}}"`,
  },
  {
    name: 'incidents',
    question: 'Which incidents were opened and closed, for which check?',
    logql: `${of('incident_opened', 'incident_closed')} ${fields('check', 'scope', 'code')} | line_format "{{.event}} {{.check}} {{.code}}"`,
  },
  {
    name: 'failed-requests',
    question: 'Which requests failed, with which error?',
    logql: `${completed} ${fields('error.message')} | statusCode >= 500 | line_format "{{.statusCode}} {{.method}} {{.route}} {{.error_message}}"`,
  },
  {
    name: 'slow-requests',
    question: `Which requests took longer than ${latencyGoodMs} ms?`,
    logql: `${completed} | durationMs > ${latencyGoodMs} | line_format "{{.durationMs}} ms {{.method}} {{.route}}"`,
  },
  {
    name: 'latency-by-route',
    question: 'How slow is each route, from the lines alone, where no metrics are left?',
    logql: `quantile_over_time(0.95, ${completed} | unwrap durationMs | __error__="" [5m]) by (route)`,
  },
  {
    name: 'slow-queries',
    question: 'Which statements were slow? `acquireMs` is the wait for a connection, which is not in `durationMs`.',
    logql: `${slow} | line_format "{{.durationMs}} ms (+{{.acquireMs}} ms wait) {{.query}}: {{.sql}}"`,
  },
  {
    name: 'slow-queries-by-time',
    question: 'Which statement cost most time?',
    logql: `topk(10, sum by (query) (sum_over_time(${slow} | unwrap durationMs | __error__="" [1h])))`,
  },
  {
    name: 'failed-statements',
    question: 'Which statements failed, by SQLSTATE?',
    logql: `${of('statement_failed')} ${fields('query', 'sqlState', 'error.message')} | line_format "{{.sqlState}} {{.query}}: {{.error_message}}"`,
  },
  {
    name: 'database',
    question: 'When was the database lost, and when did what had waited get written?',
    logql: of(
      'database_connection_lost',
      'history_write_failed',
      'history_caught_up',
      'history_spool_full',
      'history_spool_failed',
      'history_entry_refused',
      'history_job_failed',
    ),
  },
  {
    name: 'held-connections',
    question: 'Which code took a connection and did not give it back?',
    logql: `${of('client_held', 'leaked_client_destroyed')} ${fields('heldMs', 'place')} | line_format "{{.heldMs}} ms: {{.place}}"`,
  },
  {
    name: 'starts-and-stops',
    question: 'When did machines start, get ready, drain and stop, and why?',
    logql: `${of('service_starting', 'service_ready', 'service_draining', 'service_stopped', 'process_resumed', 'uncaught_error')} ${fields('reason')} | line_format "{{.machine}} {{.event}} {{.reason}}"`,
  },
  {
    name: 'crashes',
    question: 'Which error ended a process?',
    logql: `${of('uncaught_error')} ${fields('error.type', 'error.message', 'error.stack')} | line_format "{{.machine}} {{.error_type}}: {{.error_message}}\\n{{.error_stack}}"`,
  },
  {
    name: 'ended-machines',
    question: 'Which process of a machine ended first, Node or nginx?',
    logql: of('node_exited', 'nginx_exited', 'machine_restarting', 'self_restart_not_asked'),
  },
  {
    name: 'self-healing',
    question: 'For which fault did a machine restart itself, or may not?',
    logql: `${of('self_restart', 'self_restart_refused', 'self_restarted', 'self_healing_failed', 'restart_record_failed')} ${fields('code', 'cause', 'remaining')} | line_format "{{.machine}} {{.event}} {{.code}} {{.cause}}"`,
  },
  {
    name: 'stalled-checks',
    question: 'When did checks not run when they were due?',
    logql: of('engine_stalled'),
  },
  {
    name: 'rejected-tokens',
    question: 'Who tries tokens?',
    logql: `sum by (client) (count_over_time(${of('token_rejected')} ${fields('client')} [15m]))`,
  },
  {
    name: 'versions',
    question: 'Which version got ready on which machine?',
    logql: `sum by (version, machine) (count_over_time(${of('service_ready')} [1h]))`,
  },
  {
    name: 'scrapes',
    question: 'Why are there no metrics of a machine?',
    logql: of('metrics_unavailable', 'metrics_render_failed', 'configuration_warning'),
  },
  {
    name: 'nginx-failures',
    question: 'What did nginx answer by itself, or got no answer for?',
    logql: `${of('nginx_request')} ${fields('path', 'statusCode', 'durationSeconds', 'upstreamStatus')} | statusCode >= 500`,
  },
] as const satisfies readonly LogQuery[]

export type LogQueryName = (typeof queries)[number]['name']
export const logQueries: readonly LogQuery[] = queries

export function logQuery(name: LogQueryName): LogQuery {
  const found = logQueries.find((query) => query.name === name)
  if (found === undefined) throw new Error(`no log query is named ${name}; see scripts/logs/log-queries.ts`)
  return found
}
