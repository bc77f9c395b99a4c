/** The log beside the metrics: the saved questions that an operator asks first. */
import { serviceName } from '../logs/log-fields.ts'
import { type LogQueryName, logQuery } from '../logs/log-queries.ts'
import { board } from './board.ts'
import { logCounts, logLines } from './panels.ts'

function answers(name: LogQueryName, title: string, width: number) {
  const { question, logql } = logQuery(name)
  return logLines({ title, description: `${question} ops/loki/queries.md#${name}`, width, expr: logql })
}

function counts(name: LogQueryName, title: string, unit: string, legend: string) {
  const { question, logql } = logQuery(name)
  const description = `${question} ops/loki/queries.md#${name}`
  return logCounts({ title, description, unit, width: 12, queries: [{ expr: logql, legend }] })
}

export const logsBoard = board({
  name: 'logs',
  title: 'Medio: log',
  description:
    'What do the machines say? Each panel is a saved question of ops/loki/queries.md, open to change in Explore.',
  from: 'now-3h',
  sources: ['loki'],
  inputs: { requestId: 'Request id', traceId: 'Trace id' },
  rows: {
    'One request': [
      logLines({
        title: 'The request or the trace',
        description: 'Give an id above: of X-Request-Id, of the body of an error, or of an exemplar in a histogram.',
        width: 24,
        expr: `{service="${serviceName}"} | (requestId="$requestId" and requestId!="") or (traceId="$traceId" and traceId!="")`,
      }),
    ],
    Trouble: [
      counts('errors-by-event', 'Warnings and errors by event', 'short', '{{level}} {{event}}'),
      counts('latency-by-route', 'Latency by route, 95th percentile', 'ms', '{{route}}'),
      answers('errors', 'Warnings and errors', 24),
    ],
    'Health and starts': [
      answers('health-changes', 'Changes of health', 12),
      answers('starts-and-stops', 'Starts and stops', 12),
      answers('incidents', 'Incidents', 12),
      answers('self-healing', 'Self-healing', 12),
    ],
    Requests: [
      answers('failed-requests', 'Failed requests', 12),
      answers('slow-requests', 'Slow requests', 12),
      counts('rejected-tokens', 'Rejected tokens by client', 'short', '{{client}}'),
      answers('nginx-failures', 'Failures at nginx', 12),
    ],
    Database: [
      counts('slow-queries-by-time', 'Time of slow statements', 'ms', '{{query}}'),
      answers('database', 'Database lost and back', 12),
      answers('slow-queries', 'Slow statements', 12),
      answers('failed-statements', 'Failed statements', 12),
    ],
  },
})
