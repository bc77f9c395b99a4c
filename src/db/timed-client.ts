import type { AsyncLocalStorage } from 'node:async_hooks'
import pg from 'pg'
import type { SpanIds } from '../telemetry/tracing.ts'
import { sqlStateOf } from './sql-state.ts'
import type { StatementObserver } from './statement-observer.ts'

export interface TimedClient extends pg.PoolClient {
  /** The wait for this client, until its first statement has taken it along. */
  acquireMs: number
  /** `performance.now()` at the start of the running statement; 0: none, or a submittable, whose pauses are its own. */
  runningSince: number
  /** As `query`, under our static name of the statement. Text and values only: pg copies a config object at 4 µs. */
  send(label: string, text: string, values: readonly unknown[] | undefined, done: StatementCallback): void
}

export type StatementCallback = (error: Error | null | undefined, result: pg.QueryResult) => void

export interface StatementTiming {
  readonly observer: StatementObserver
  readonly slowQueryMs: number
  /** Re-entered for `slow` and `failed`, which pg would call in the context of the socket. */
  readonly context: AsyncLocalStorage<unknown>
  /** Gets each client for as long as its socket lives. */
  readonly clients: Set<TimedClient>
  /** Called when a statement starts. */
  readonly started: () => void
}

type Callback = (error: Error | null | undefined, result?: pg.QueryResult | pg.QueryResult[]) => void
type TimedQuery = pg.Query & { callback?: Callback; text?: string; query_timeout?: number | undefined }
type Submittable = pg.Submittable & { text?: string; cursor?: { text?: string } } & Record<
    'handleReadyForQuery' | 'handleError',
    ((...parts: unknown[]) => unknown) | undefined
  >
type Statement = string | (pg.QueryConfig & { query_timeout?: number }) | Submittable | null | undefined

/**
 * The class that a pool makes its clients of, so that every statement that passes through the pool is timed, whoever
 * sends it and in whatever form. Costs two clock readings and one closure (bench/statement-timing.ts).
 */
export function timedClientClass(timing: StatementTiming): typeof pg.Client {
  const { observer, slowQueryMs, context, clients, started } = timing

  class PoolClient extends pg.Client {
    acquireMs = 0
    runningSince = 0

    constructor(config?: string | pg.ClientConfig) {
      super(config)
      clients.add(this as unknown as TimedClient)
      this.once('end', () => clients.delete(this as unknown as TimedClient))
      this.on('error', () => {
        // A connection that breaks while a caller holds it: the caller's statement rejects with it, and the pool
        // takes the client out at its release. Without a listener the process would end.
      })
    }

    send(label: string, text: string, values: readonly unknown[] | undefined, done: StatementCallback): void {
      this.#start(new pg.Query(text, values as unknown[]) as TimedQuery, label, done as Callback)
    }

    // pg declares a dozen overloads; `never` fits them all.
    override query(config: never, values?: unknown, callback?: unknown): never {
      return this.#query(config, values as never, callback as never) as never
    }

    #query(config: Statement, values: never, callback: never): unknown {
      if (isSubmittable(config)) return this.#querySubmittable(config, values, callback)
      // A Query of our own: pg takes it as it is, and makes no second promise beside ours.
      const query = new pg.Query((config ?? '') as string, values, callback) as TimedQuery
      const given = query.callback
      if (config === null || config === undefined || (given !== undefined && typeof given !== 'function')) {
        // pg's own TypeError.
        return super.query(config as never, values, callback)
      }
      if (typeof config === 'object') query.query_timeout = config.query_timeout
      if (given !== undefined) return this.#start(query, 'unnamed', given)
      return new Promise((resolve, reject) => {
        this.#start(query, 'unnamed', (error, result) => (error ? reject(error) : resolve(result)))
      })
    }

    #start(query: TimedQuery, label: string, done: Callback): void {
      const { acquireMs } = this
      this.acquireMs = 0
      const store = context.getStore()
      const startedAt = performance.now()
      this.runningSince = startedAt
      started()
      query.callback = (error, result) => {
        const runMs = performance.now() - startedAt
        this.runningSince = 0
        const span = traced(store, label, query.text ?? '', startedAt, runMs, acquireMs, error ?? undefined, result)
        observer.statement(label, error !== null && error !== undefined, runMs, acquireMs, span)
        if (error || runMs + acquireMs >= slowQueryMs) {
          tellMore(store, label, query.text ?? '', runMs, acquireMs, error ?? undefined, result)
        }
        done(error, result)
      }
      super.query(query)
    }

    /** Cursors, streams, pg.Query: the time runs until they are closed, so it includes the consumer's pauses. */
    #querySubmittable(query: Submittable, values: never, callback: never): unknown {
      const { acquireMs } = this
      this.acquireMs = 0
      const store = context.getStore()
      const startedAt = performance.now()
      const { handleReadyForQuery, handleError } = query
      let ended = false
      const end = (error: Error | undefined): void => {
        if (ended) return
        ended = true
        const runMs = performance.now() - startedAt
        const text = query.text ?? query.cursor?.text ?? ''
        const span = traced(store, 'submittable', text, startedAt, runMs, acquireMs, error, undefined)
        observer.statement('submittable', error !== undefined, runMs, acquireMs, span)
        if (error === undefined && runMs + acquireMs < slowQueryMs) return
        tellMore(store, 'submittable', text, runMs, acquireMs, error, undefined)
      }
      query.handleReadyForQuery = (...parts) => {
        end(undefined)
        return handleReadyForQuery?.apply(query, parts)
      }
      query.handleError = (...parts) => {
        end(parts[0] as Error)
        return handleError?.apply(query, parts)
      }
      return super.query(query as never, values, callback)
    }
  }

  /** Undefined at the cost of one call while nobody traces. */
  function traced(
    store: unknown,
    label: string,
    text: string,
    startMs: number,
    runMs: number,
    acquireMs: number,
    error: Error | undefined,
    result: pg.QueryResult | pg.QueryResult[] | undefined,
  ): SpanIds | undefined {
    const trace = observer.tracer?.()
    if (trace === undefined) return undefined
    return context.run(store, trace, { label, text, startMs, runMs, acquireMs, rows: rowsOf(result), error })
  }

  /** Off the fast path: what failed or was slow, told where the logger finds the request that it belongs to. */
  function tellMore(
    store: unknown,
    label: string,
    text: string,
    runMs: number,
    acquireMs: number,
    error: Error | undefined,
    result: pg.QueryResult | pg.QueryResult[] | undefined,
  ): void {
    context.run(store, () => {
      if (error !== undefined) observer.failed(label, sqlStateOf(error), error)
      if (runMs + acquireMs >= slowQueryMs) observer.slow({ label, text, runMs, acquireMs, rows: rowsOf(result) })
    })
  }

  return PoolClient
}

function isSubmittable(config: Statement): config is Submittable {
  return typeof config === 'object' && config !== null && typeof (config as Submittable).submit === 'function'
}

function rowsOf(result: pg.QueryResult | pg.QueryResult[] | undefined): number {
  if (result === undefined) return 0
  if (!Array.isArray(result)) return result.rowCount ?? 0
  return result.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0)
}
