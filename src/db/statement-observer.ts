import type { SpanIds } from '../telemetry/tracing.ts'

/** What the database tells while it works. Every function must be quick and must not throw. */
export interface StatementObserver {
  /**
   * Every statement, when it ends. `acquireMs`: the wait for its connection, told with the first statement on it.
   * `span`: what `tracer` made of it.
   */
  statement(label: string, failed: boolean, runMs: number, acquireMs: number, span?: SpanIds): void
  /** What makes the span of a statement that has ended, called in the caller's async context; absent while none is wanted. */
  tracer?(): TraceStatement | undefined
  /** Around a transaction, so that its statements belong together; absent while nothing is wanted of it. */
  inTransaction?<T>(work: () => Promise<T>): Promise<T>
  /** In addition, in the caller's async context: one whose wait and run took the threshold or longer. */
  slow(statement: SlowStatement): void
  /**
   * In addition, in the caller's async context; `acquire` is the label when no client could be had. `sqlState` is
   * undefined when the server never answered.
   */
  failed(label: string, sqlState: string | undefined, error: Error): void
  /** A client of the pool was handed out after `waitMs`. */
  acquired(waitMs: number): void
  /** An explicitly taken client is held for too long; once per hold. */
  leak(hold: LongHold): void
  /** An idle connection broke. The pool has already dropped it. */
  poolError(error: Error): void
}

/** The span that it made, if the trace is sampled. */
export type TraceStatement = (statement: EndedStatement) => SpanIds | undefined

export interface EndedStatement {
  readonly label: string
  /** As sent, so it may hold literals: normalise before it goes anywhere. */
  readonly text: string
  /** `performance.now()` when it was sent. */
  readonly startMs: number
  readonly runMs: number
  readonly acquireMs: number
  readonly rows: number
  readonly error: Error | undefined
}

export interface SlowStatement {
  readonly label: string
  /** As sent, so it may hold literals: normalise before it goes anywhere. */
  readonly text: string
  readonly runMs: number
  readonly acquireMs: number
  /** Returned or touched; 0 if the statement failed or its rows went to a stream. */
  readonly rows: number
}

export interface LongHold {
  readonly heldMs: number
  /** Where the client was taken: the frame of the caller's stack. */
  readonly place: string
}
