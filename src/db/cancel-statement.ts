import { once } from 'node:events'
import pg from 'pg'

/** What pg's types leave out of its connection and its client. */
interface CancelConnection extends pg.Connection {
  connect(port: number | string, host?: string): void
  requestSsl(): void
  cancel(processId: number, secretKey: number): void
}
type BackendKey = pg.Client & { processID: number | null; secretKey: number | null }

/**
 * Asks the server to end what `client`'s session runs, over a connection of its own, which the server closes
 * (https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS). Best effort: there is no
 * answer, so it gives up in silence when `signal` aborts; the server's statement_timeout stands behind it.
 */
export async function cancelStatement(client: pg.Client, signal: AbortSignal): Promise<void> {
  const { processID, secretKey, host, port, ssl } = client as BackendKey
  if (processID === null || secretKey === null) return
  const connection = new pg.Connection({ ssl }) as CancelConnection
  connection.on('connect', () => (ssl ? connection.requestSsl() : connection.cancel(processID, secretKey)))
  connection.on('sslconnect', () => connection.cancel(processID, secretKey))
  connection.on('error', () => {
    // The server is unreachable: 'end' follows.
  })
  if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`)
  else connection.connect(port, host)
  try {
    await once(connection, 'end', { signal })
  } catch {
    // No more time for it.
  } finally {
    connection.stream.destroy()
  }
}
