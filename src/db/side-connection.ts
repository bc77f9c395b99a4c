import pg from 'pg'
import { cancelStatement } from './cancel-statement.ts'
import { destroyClient } from './destroy-client.ts'
import type { TraceStatement } from './statement-observer.ts'

export interface SideConnectionOptions {
  readonly url: string
  readonly connectTimeoutMs: number
  /** Kept by the server, so that a statement ends there even if no word of ours gets through. */
  readonly statementTimeoutMs: number
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
  /** Undefined while nobody traces; called in the context of the query. */
  readonly tracer?: () => TraceStatement | undefined
}

export interface SideConnection {
  /** Waits for its turn. When `signal` aborts, the socket is destroyed and the statement cancelled on the server. */
  query<Row>(text: string, signal: AbortSignal): Promise<Row[]>
  /** Closes the connection; the next query opens another. */
  release(): Promise<void>
}

/** A good-bye or a request to cancel must be delivered within it: a vanished server gets no more of our time. */
const farewellMs = 500

/**
 * One connection beside the pool, for a check that must not wait in the pool that it judges. Opened by the first query
 * and kept; after any failure the next query opens another. Never two at once, that of a cancel included.
 */
export function createSideConnection(options: SideConnectionOptions): SideConnection {
  let connected: pg.Client | undefined
  /** Settles when the one before is done, with its farewell said. */
  let turn: Promise<unknown> = Promise.resolve()

  function query<Row>(text: string, signal: AbortSignal): Promise<Row[]> {
    let farewell: Promise<void> | undefined
    const run = async (): Promise<Row[]> => {
      signal.throwIfAborted()
      const client = connected ?? newClient()
      const abort = (): void => destroyClient(client, signal.reason)
      signal.addEventListener('abort', abort)
      try {
        if (connected === undefined) await client.connect()
        connected = client
        return (await traced<Row>(client, text)).rows
      } catch (error) {
        connected = undefined
        farewell = signal.aborted ? cancelStatement(client, AbortSignal.timeout(farewellMs)) : close(client)
        throw error
      } finally {
        signal.removeEventListener('abort', abort)
      }
    }
    const result = turn.then(run)
    turn = result.then(
      () => farewell,
      () => farewell,
    )
    return result
  }

  async function traced<Row>(client: pg.Client, text: string): Promise<pg.QueryResult<Row & pg.QueryResultRow>> {
    const startMs = performance.now()
    const tell = (rows: number, error?: Error) =>
      options.tracer?.()?.({
        ...{ label: options.applicationName, text, startMs, runMs: performance.now() - startMs },
        ...{ acquireMs: 0, rows, error },
      })
    try {
      const result = await client.query<Row & pg.QueryResultRow>(text)
      tell(result.rowCount ?? 0)
      return result
    } catch (error) {
      tell(0, error as Error)
      throw error
    }
  }

  function release(): Promise<void> {
    const released = turn.then(async () => {
      const client = connected
      connected = undefined
      if (client !== undefined) await close(client)
    })
    turn = released
    return released
  }

  function newClient(): pg.Client {
    const client = new pg.Client({
      connectionString: options.url,
      application_name: options.applicationName,
      connectionTimeoutMillis: options.connectTimeoutMs,
      statement_timeout: options.statementTimeoutMs,
      keepAlive: true,
    })
    client.on('error', () => {
      // The server closed it: a query that runs rejects with the reason.
    })
    // Closed while idle, as by a restart of the server that is over: no failure of the next query.
    client.on('end', () => {
      if (connected === client) connected = undefined
    })
    return client
  }

  return Object.freeze({ query, release })
}

/** Says good-bye, and closes the socket whether that was heard or not. */
async function close(client: pg.Client): Promise<void> {
  const deadline = setTimeout(() => destroyClient(client, new Error('the good-bye was not heard in time')), farewellMs)
  await client.end()
  clearTimeout(deadline)
}
