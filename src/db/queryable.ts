import type { LeakedClient } from './client-holds.ts'
import type { PoolPressure } from './timed-pool.ts'

export interface Statement {
  /** Ours, static: the label in metrics and the slow-query log. Nothing is prepared under it on the server. */
  readonly name: string
  readonly text: string
  readonly values?: readonly unknown[]
}

export interface Queryable {
  /** Throws DatabaseError with the statement's name, SQLSTATE and cause. */
  query<Row>(statement: Statement): Promise<Row[]>
}

export interface HeldClient extends Queryable {
  release(): void
  /** Closes the connection instead of giving it back. */
  destroy(): void
}

export interface PoolStats {
  readonly total: number
  readonly active: number
  readonly idle: number
  readonly waiting: number
  readonly max: number
}

export interface Database extends Queryable {
  /** Commits what `work` did, or rolls it back if it throws. When `signal` aborts, the connection is destroyed. */
  transaction<T>(work: (tx: Queryable) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** For sessions (LISTEN, advisory locks). The caller must release it; one that does not is named by the observer. */
  connect(): Promise<HeldClient>
  poolStats(): PoolStats
  poolPressure(): PoolPressure
  /** Clients held for too long now, and the way to take them back. */
  leaked(): readonly LeakedClient[]
  /** After a resume: no open connection can be trusted. */
  dropIdle(): void
  /** Lets running statements finish until the deadline, then destroys them. Resolves when every socket is closed. */
  end(timeoutMs: number): Promise<void>
}
