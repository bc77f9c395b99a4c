import type { Database, Queryable } from '../db/queryable.ts'

/** Reads that a caller chooses the size of: one that takes too long is ended by the server, and holds no connection. */
export function readWithin<T>(
  database: Pick<Database, 'transaction'>,
  timeoutMs: number,
  read: (db: Queryable) => Promise<T>,
): Promise<T> {
  return database.transaction(async (tx) => {
    await tx.query({
      name: 'read.bounds',
      text: `select set_config('statement_timeout', $1, true), set_config('transaction_read_only', 'on', true)`,
      values: [String(timeoutMs)],
    })
    return await read(tx)
  })
}
