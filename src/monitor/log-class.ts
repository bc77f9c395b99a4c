import type { LogClass } from '../report/evidence.ts'
import type { LogLine } from './log-line.ts'

const databaseEvents: ReadonlySet<unknown> = new Set([
  ...['database_connection_lost', 'statement_failed', 'history_write_failed', 'migrations_behind'],
])
/** What Postgres, a pooler or a driver says when a connection fails, in lines that are not ours. */
const databaseText =
  /SQLSTATE|too many clients|remaining connection slots|password authentication failed|database system is (?:starting|shutting)|terminating connection due to|ECONNREFUSED \S+:(?:5432|6432)\b/i
/** A gateway that had no answer: nginx's own words, and the codes of Fly's proxy. */
const gatewayText =
  /\[P[ACLMRU]\d{2}\]|\b50[234] (?:Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out)|upstream prematurely closed|while connecting to upstream|no known healthy instances/i
const gatewayStatuses: ReadonlySet<unknown> = new Set([502, 503, 504])
const levels: Readonly<Record<string, LogClass>> = {
  warn: 'warning',
  warning: 'warning',
  error: 'error',
  err: 'error',
  fatal: 'error',
  critical: 'error',
}

/** Sorts lines into what needs a look. Remembers which machines are starting, so it takes them in their order. */
export function createLogClassifier(): (line: LogLine) => LogClass | undefined {
  const starting = new Set<string>()

  function follow({ origin, machine = '', text, fields }: LogLine): void {
    if (fields?.event === 'service_starting' || (origin !== 'app' && /\bStarting (?:machine|init)/.test(text))) {
      starting.add(machine)
    }
    if (fields?.event === 'service_ready' || fields?.event === 'service_stopped') starting.delete(machine)
    if (origin !== 'app' && /became reachable|now passing/.test(text)) starting.delete(machine)
  }

  return (line) => {
    follow(line)
    const found = classOf(line)
    // A process that dies while it starts is not what is expected then.
    return found !== undefined && line.level !== 'fatal' && starting.has(line.machine ?? '')
      ? 'expected_while_starting'
      : found
  }
}

function classOf({ level, text, fields }: LogLine): LogClass | undefined {
  const byLevel = levels[level.toLowerCase()]
  if (fields === undefined) {
    if (gatewayText.test(text)) return 'gateway_error'
    if (databaseText.test(text)) return 'database_error'
    return byLevel
  }
  if (fields.event === 'nginx_request' && gatewayStatuses.has(fields.statusCode)) return 'gateway_error'
  if (byLevel !== undefined && isAboutDatabase(fields)) return 'database_error'
  return byLevel
}

function isAboutDatabase({ event, error, reasons }: Readonly<Record<string, unknown>>): boolean {
  if (databaseEvents.has(event)) return true
  if (
    Array.isArray(reasons) &&
    reasons.some((reason) => (reason as { check?: unknown } | null)?.check === 'database')
  ) {
    return true
  }
  return typeof error === 'object' && error !== null && 'type' in error && error.type === 'DatabaseError'
}
