import { pino } from 'pino'
import { type LogLevel, logLevels } from '../config.ts'
import { errorFields } from './error-fields.ts'
import type { LogEvent } from './log-events.ts'
import { createLogTime } from './log-time.ts'
import { createRedaction } from './redaction.ts'
import { requestContext } from './request-context.ts'

export interface LogFields {
  readonly event: LogEvent
  /** Written with its type, message, stack, code and causes. */
  readonly error?: unknown
  readonly [field: string]: unknown
}
type LogMethod = (fields: LogFields, message: string) => void

export interface Logger {
  readonly trace: LogMethod
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
  readonly fatal: LogMethod
  isLevelEnabled(level: LogLevel): boolean
  /** Writes what is gathered, before it returns. */
  flush(): void
}

/** Where lines go; `createLogDestination` makes the one of production. */
export interface LogSink {
  write(line: string): void
  flush(): void
}

/** Secrets never leave through a line: the whole line is searched for them, whatever field or text they are in. */
export function createLogger(options: {
  level: LogLevel
  base: { readonly machine: string; readonly region: string; readonly version: string }
  secrets: readonly string[]
  destination: LogSink
}): Logger {
  const redaction = createRedaction(options.secrets)
  const lines = pino(
    {
      level: options.level,
      base: options.base,
      timestamp: createLogTime(Date.now),
      formatters: { level: (label) => ({ level: label }) },
      errorKey: 'error',
      serializers: { error: (error: unknown) => errorFields(error) },
      mixin: contextFields,
      hooks: redaction === undefined ? {} : { streamWrite: redaction.line },
    },
    options.destination,
  )
  // The level never changes, and the hot path asks at every request.
  const enabled = new Set(logLevels.filter((level) => lines.isLevelEnabled(level)))
  return {
    trace: lines.trace.bind(lines),
    debug: lines.debug.bind(lines),
    info: lines.info.bind(lines),
    warn: lines.warn.bind(lines),
    error: lines.error.bind(lines),
    fatal: lines.fatal.bind(lines),
    isLevelEnabled: (level) => enabled.has(level),
    flush: () => options.destination.flush(),
  }
}

/** Pino lays a line's own fields over these, so what the caller names wins. A fresh object each time: pino writes to it. */
function contextFields(): object {
  const context = requestContext.getStore()
  if (context === undefined) return {}
  return {
    requestId: context.requestId,
    flyRequestId: context.flyRequestId,
    traceId: context.span?.traceId,
    route: context.route?.(),
  }
}
