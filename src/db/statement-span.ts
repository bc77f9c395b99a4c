import type { SpanIds, Tracing } from '../telemetry/tracing.ts'
import { normaliseSql } from './fingerprint.ts'
import { sqlStateOf } from './sql-state.ts'
import type { EndedStatement, TraceStatement } from './statement-observer.ts'

/** A statement that is longer, or the thousandth different one, is normalised each time: no service has so many. */
const keptTextLength = 4_096
const keptTexts = 1_000

/**
 * Makes the span of a statement once it has ended, under its static name and with its normalised text: no parameter and
 * no literal gets in. https://opentelemetry.io/docs/specs/semconv/database/postgresql/
 */
export function createStatementSpans(tracing: () => Tracing | undefined): () => TraceStatement | undefined {
  const normalised = new Map<string, string>()

  /** Statements are few and sent often; reading one costs more than all the rest of its span. */
  function textOf(sql: string): string {
    const known = normalised.get(sql)
    if (known !== undefined) return known
    const text = normaliseSql(sql)
    if (sql.length <= keptTextLength && normalised.size < keptTexts) normalised.set(sql, text)
    return text
  }

  function span(present: Tracing, { label, text, startMs, runMs, acquireMs, rows, error }: EndedStatement) {
    // Every sampler decides for a trace as a whole, so there is nothing to ask.
    if (present.current()?.sampled === false) return undefined
    const sqlState = error === undefined ? undefined : sqlStateOf(error)
    return present.record(label, {
      kind: 'client',
      startMs,
      endMs: startMs + runMs,
      attributes: {
        'db.system.name': 'postgresql',
        'db.query.text': textOf(text),
        'db.query.summary': label,
        'db.response.returned_rows': rows,
        ...(acquireMs > 0 && { 'medio.acquire_ms': Math.round(acquireMs * 1_000) / 1_000 }),
        ...(sqlState !== undefined && { 'db.response.status_code': sqlState }),
      },
      // Without the message, which may quote a value.
      failure: error === undefined ? undefined : { type: sqlState ?? error.name },
    }) satisfies SpanIds | undefined
  }

  return () => {
    const present = tracing()
    return present === undefined ? undefined : (statement) => span(present, statement)
  }
}
