import type pg from 'pg'
import { DatabaseError } from '../errors.ts'
import { discardClient } from './destroy-client.ts'
import type { HeldClient, Statement } from './queryable.ts'
import { sqlStateOf } from './sql-state.ts'
import type { TimedClient } from './timed-client.ts'

/** Our view of a pool's client, which ends with its release: what comes later must not reach the next holder's session. */
export function holdClient(client: TimedClient): HeldClient {
  let held = true

  function query<Row>(statement: Statement): Promise<Row[]> {
    if (held) return send(client, statement, rowsOf<Row>)
    return Promise.reject(new Error(`${statement.name}: the client was given back already; send it before the release`))
  }

  function giveBack(destroy: boolean): void {
    if (!held) return
    held = false
    if (destroy) discardClient(client)
    client.release(destroy)
  }

  return Object.freeze({ query, release: () => giveBack(false), destroy: () => giveBack(true) })
}

const rowsOf = <Row>(result: pg.QueryResult) => result.rows as Row[]

/** One statement, and what `pick` takes from its result. */
export async function send<T>(
  client: TimedClient,
  { name, text, values }: Statement,
  pick: (result: pg.QueryResult) => T,
): Promise<T> {
  try {
    return await new Promise((resolve, reject) => {
      client.send(name, text, values, (error, result) => (error ? reject(error) : resolve(pick(result))))
    })
  } catch (error) {
    // Made here, and not where the server's answer arrives, its stack leads back to the caller.
    throw toDatabaseError(name, error)
  }
}

/** The server refused the statement and the session goes on: the connection is as good as before. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'severity' in error && error.severity === 'ERROR'
}

export function toDatabaseError(statement: string, error: unknown): DatabaseError {
  return error instanceof DatabaseError ? error : new DatabaseError(statement, sqlStateOf(error), error)
}
