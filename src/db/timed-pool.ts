import type { AsyncLocalStorage } from 'node:async_hooks'
import pg from 'pg'
import type { ClientHolds } from './client-holds.ts'
import { discardClient } from './destroy-client.ts'
import { sqlStateOf } from './sql-state.ts'
import type { StatementObserver } from './statement-observer.ts'
import type { TimedClient } from './timed-client.ts'

export interface PoolPressure {
  /** Since when every client is out and a caller asked in vain, while none came back; 0 otherwise. */
  readonly stuckForMs: number
  /** Why a new connection could not be opened lately; cleared by the next that could. */
  readonly lastConnectError: unknown
}

type Release = (destroy?: Error | boolean) => void
export type AcquireCallback = (error: Error | undefined, client: TimedClient | undefined, release: Release) => void

/** pg-pool gives the wait for a free client up with this text and no code. */
const waitedTooLong = 'timeout exceeded when trying to connect'

/** How long a connection that could not be opened is held against the pool. */
const connectErrorMs = 30_000

/** A pg.Pool that times the wait for a client, also in `pool.query`, and knows whether it is stuck. */
export class TimedPool extends pg.Pool {
  readonly #observer: StatementObserver
  readonly #holds: ClientHolds
  readonly #context: AsyncLocalStorage<unknown>
  readonly #lookForResume: () => void
  readonly #stale = new WeakSet<pg.Client>()
  /** `performance.now()` when the first caller had to wait since a client was last handed out or given back; or 0. */
  #waitingSince = 0
  #lastConnectError: unknown
  #lastConnectErrorAt = 0

  constructor(
    config: pg.PoolConfig,
    observer: StatementObserver,
    holds: ClientHolds,
    context: AsyncLocalStorage<unknown>,
    lookForResume: () => void = () => undefined,
  ) {
    super(config)
    this.#context = context
    this.#lookForResume = lookForResume
    this.#observer = observer
    this.#holds = holds
    // Postgres ends idle connections (restart, fail-over, 57P01). Without a listener that would end this process;
    // the pool has dropped the client already.
    this.on('error', (error) => observer.poolError(error))
    this.on('connect', () => {
      this.#lastConnectError = undefined
    })
    this.on('release', (_error, client) => {
      this.#waitingSince = 0
      if (this.#stale.has(client)) discardClient(client)
    })
  }

  override connect(): Promise<TimedClient>
  override connect(callback: AcquireCallback): void
  override connect(callback?: AcquireCallback): Promise<TimedClient> | undefined {
    if (callback !== undefined) {
      this.#acquire(callback)
      return undefined
    }
    return this.take(this.connect)
  }

  /** As `connect()`, on behalf of `caller`: the frame above it is named if the client is held for too long. */
  take(caller: (...parts: never[]) => unknown): Promise<TimedClient> {
    const hold = this.#holds.begin(caller)
    return new Promise((resolve, reject) => {
      this.#acquire((error, client) => {
        if (client === undefined) return reject(error)
        this.#holds.add(hold, client)
        resolve(client)
      })
    })
  }

  #acquire(callback: AcquireCallback): void {
    this.#lookForResume()
    const startedAt = performance.now()
    const store = this.#context.getStore()
    if (this.#waitingSince === 0 && this.idleCount === 0 && this.totalCount >= this.options.max) {
      this.#waitingSince = startedAt
    }
    super.connect((error, poolClient, release) => {
      // The pool makes its clients of the class that it was given.
      const client = poolClient as TimedClient | undefined
      if (client === undefined) {
        this.#acquireFailed(error as Error, store)
      } else {
        const waitMs = performance.now() - startedAt
        this.#waitingSince = 0
        client.acquireMs = waitMs
        this.#observer.acquired(waitMs)
      }
      // A waiting caller is called by whoever gives a client back, in that one's context.
      if (this.#context.getStore() === store) callback(error, client, release)
      else this.#context.run(store, callback, error, client, release)
    })
  }

  #acquireFailed(error: Error, store: unknown): void {
    this.#context.run(store, () => this.#observer.failed('acquire', sqlStateOf(error), error))
    if (error.message === waitedTooLong) return
    // Its place in the pool is free again.
    this.#waitingSince = 0
    this.#lastConnectError = error
    this.#lastConnectErrorAt = performance.now()
  }

  pressure(): PoolPressure {
    const stuckForMs = this.#waitingSince === 0 ? 0 : performance.now() - this.#waitingSince
    // A pool that nobody asks for more opens nothing that could show that all is well again.
    const isRecent = performance.now() - this.#lastConnectErrorAt < connectErrorMs
    return { stuckForMs, lastConnectError: isRecent ? this.#lastConnectError : undefined }
  }

  /** After a resume no connection can be trusted: the idle ones go now, those in use when they are given back. */
  dropConnections(clients: Iterable<TimedClient>): void {
    for (const client of clients) this.#stale.add(client)
    // Taking them out and giving them back is pg-pool's only public way to its idle clients.
    for (let left = this.idleCount; left > 0; left--) {
      super.connect((_error, _client, release) => release())
    }
  }
}
