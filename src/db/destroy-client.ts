import type pg from 'pg'

/**
 * Closes the socket at once, without the good-bye that a vanished server would never answer. What the client is
 * waiting for, its connect() included, rejects with `reason`. (After pg's own end() a pending connect() never settles.)
 */
export function destroyClient(client: pg.Client, reason: Error): void {
  client.connection.stream.destroy(reason)
}

/** The same for a client without a statement, as no error of anybody's: a pool takes it out when it is given back. */
export function discardClient(client: pg.Client): void {
  client.end(() => {
    // Nobody waits for it.
  })
  client.connection.stream.destroy()
}
