import type { Database } from './queryable.ts'

/** Writes `nonce` into the machine's one row through the pool and reads it back; an abort destroys the connection. */
export type DeepCheckWrite = (machineId: string, nonce: string, signal: AbortSignal) => Promise<string>

/** `timeoutMs`: the check's own, also set on the server, where a statement that waits for a lock hears of no abort. */
export function createDeepCheckWrite(database: Pick<Database, 'transaction'>, timeoutMs: number): DeepCheckWrite {
  return (machineId, nonce, signal) =>
    database.transaction(async (tx) => {
      await tx.query({
        name: 'deep_check.limit',
        text: `select set_config('statement_timeout', $1, true)`,
        values: [String(timeoutMs)],
      })
      await tx.query({
        name: 'deep_check.write',
        text: `insert into deep_check_writes (machine_id, written_at, nonce) values ($1, now(), $2)
               on conflict (machine_id) do update set written_at = excluded.written_at, nonce = excluded.nonce`,
        values: [machineId, nonce],
      })
      const [row] = await tx.query<{ nonce: string }>({
        name: 'deep_check.read',
        text: 'select nonce from deep_check_writes where machine_id = $1',
        values: [machineId],
      })
      return row?.nonce ?? ''
    }, signal)
}
