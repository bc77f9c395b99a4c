/** Turns whatever a check threw into one of the closed reason codes and a text for the operator. */
import { CheckFailure, type Measurement, type ReasonCode } from '../check.ts'
import { messageOf } from './failure-message.ts'

export interface Failure {
  readonly code: ReasonCode
  readonly message: string
  readonly measurement: Measurement
}

/** The first error that tells a reason decides, from the outside in: the error, its `cause`s, an aggregate's `errors`. */
export function classifyFailure(error: unknown): Failure {
  const code = codeWithin(error, new Set()) ?? 'check_failed'
  return { code, message: messageOf(error), measurement: error instanceof CheckFailure ? error.measurement : {} }
}

function codeWithin(error: unknown, seen: Set<unknown>): ReasonCode | undefined {
  if (!(error instanceof Error) || seen.has(error)) return undefined
  seen.add(error)
  const own = codeOf(error)
  if (own !== undefined) return own
  const inner = error instanceof AggregateError ? [error.cause, ...error.errors] : [error.cause]
  for (const each of inner) {
    const code = codeWithin(each, seen)
    if (code !== undefined) return code
  }
  return undefined
}

function codeOf(error: Error): ReasonCode | undefined {
  if (error instanceof CheckFailure) return error.code
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'timeout'
  const { code, sqlState, syscall } = error as { code?: unknown; sqlState?: unknown; syscall?: unknown }
  const known = typeof code === 'string' ? ofSystemError(code, syscall) : undefined
  const state = typeof sqlState === 'string' ? sqlState : code
  return known ?? (typeof state === 'string' ? ofSqlState(state) : undefined) ?? ofMessage(error.message)
}

const systemErrors: Readonly<Record<string, ReasonCode>> = {
  ECONNREFUSED: 'connection_refused',
  EHOSTDOWN: 'connection_refused',
  EHOSTUNREACH: 'connection_refused',
  ENETDOWN: 'connection_refused',
  ENETUNREACH: 'connection_refused',
  ECONNABORTED: 'connection_lost',
  ECONNRESET: 'connection_lost',
  ENOTCONN: 'connection_lost',
  EPIPE: 'connection_lost',
  ERR_SOCKET_CLOSED: 'connection_lost',
  ERR_STREAM_DESTROYED: 'connection_lost',
  ERR_STREAM_PREMATURE_CLOSE: 'connection_lost',
  UND_ERR_SOCKET: 'connection_lost',
  ETIMEDOUT: 'timeout',
  ERR_SOCKET_CONNECTION_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  ENODATA: 'dns_failed',
  ENOTFOUND: 'dns_failed',
  ESERVFAIL: 'dns_failed',
  EPROTO: 'tls_failed',
  EDQUOT: 'disk_full',
  ENOSPC: 'disk_full',
  EROFS: 'disk_read_only',
}

/** OpenSSL's names of a refused certificate (openssl-verification-options) and Node's of a failed handshake. */
const tlsError =
  /^(?:ERR_(?:TLS|SSL)_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_CERT_|DEPTH_ZERO_|HOSTNAME_MISMATCH$|INVALID_(?:CA|PURPOSE)$|PATH_LENGTH_EXCEEDED$|ERROR_IN_C)/

function ofSystemError(code: string, syscall: unknown): ReasonCode | undefined {
  // The same number means a missing or forbidden Unix socket on the one hand, a file on the other.
  if (syscall === 'connect' && ['ENOENT', 'EACCES', 'EPERM'].includes(code)) return 'connection_refused'
  if (code === 'EACCES' || code === 'EPERM') return 'disk_read_only'
  if (code.startsWith('EAI_')) return 'dns_failed'
  if (tlsError.test(code)) return 'tls_failed'
  // llhttp's own errors: what came back is no HTTP.
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW') return 'bad_response'
  return systemErrors[code]
}

/** PostgreSQL manual, appendix A. A state that is not listed counts by its class, then as `check_failed`. */
const sqlStates: Readonly<Record<string, ReasonCode>> = {
  '08': 'connection_lost',
  '08001': 'connection_refused',
  '08004': 'connection_refused',
  '25006': 'read_only',
  '25P03': 'connection_lost',
  '25P04': 'timeout',
  '28': 'auth_failed',
  '53100': 'disk_full',
  '53300': 'too_many_connections',
  '55P03': 'timeout',
  '57014': 'timeout',
  '57P01': 'connection_lost',
  '57P02': 'connection_lost',
  '57P03': 'connection_refused',
  '57P05': 'connection_lost',
}

function ofSqlState(state: string): ReasonCode | undefined {
  // A digit tells a SQLSTATE from a system error of five letters, such as EPERM.
  if (!/^(?=.*\d)[0-9A-Z]{5}$/.test(state)) return undefined
  return sqlStates[state] ?? sqlStates[state.slice(0, 2)] ?? 'check_failed'
}

/** Errors that carry nothing but a text: replies of Redis (their first word is the code), then pg's and @redis/client's own. */
const messages: readonly (readonly [RegExp, ReasonCode])[] = [
  [/^(?:NOAUTH|WRONGPASS|NOPERM|ERR AUTH|ERR Client sent AUTH|ERR invalid password)\b/, 'auth_failed'],
  [/^(?:READONLY|MISCONF|NOREPLICAS)\b/, 'read_only'],
  [/^LOADING\b/, 'connection_refused'],
  [/^OOM\b/, 'memory_high'],
  [/^ERR max number of clients/, 'too_many_connections'],
  [/^(?:MASTERDOWN|BUSY|CLUSTERDOWN|MOVED)\b/, 'bad_response'],
  [/^SASL\b/, 'auth_failed'],
  [/^The server does not support SSL/, 'tls_failed'],
  [/time-?out|timed out/i, 'timeout'],
  [
    /^(?:Connection terminated|Connection ended|Socket closed|The client is (?:closed|offline)|Disconnects client)/,
    'connection_lost',
  ],
  [/not queryable$/, 'connection_lost'],
]

function ofMessage(message: string): ReasonCode | undefined {
  return messages.find(([pattern]) => pattern.test(message))?.[1]
}
