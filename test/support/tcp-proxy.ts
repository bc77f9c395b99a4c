import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * pass: bytes go through. hold: bytes wait and are delivered on the next `pass`. drop: bytes are thrown away for good,
 * so a connection that lost some never answers again, as when a host vanished; also one opened meanwhile.
 * reset: every connection is reset, new ones too. refuse: nobody listens.
 */
export type ProxyMode = 'pass' | 'hold' | 'drop' | 'reset' | 'refuse'

export interface TcpProxy {
  readonly port: number
  readonly mode: ProxyMode
  set(mode: ProxyMode): Promise<void>
  /** Open ones from clients. */
  connections(): number
  close(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  /** What waits for `pass`, in order, both directions. */
  readonly held: (() => void)[]
  /** Bytes were thrown away: nothing after them makes sense. */
  lost: boolean
}

/** A faulty network in front of a server on loopback. */
export async function createTcpProxy(target: { port: number; host?: string }): Promise<TcpProxy> {
  const pairs = new Set<Pair>()
  let mode: ProxyMode = 'pass'
  const listener = createServer(accept)

  function accept(client: Socket): void {
    if (mode === 'reset') {
      client.resetAndDestroy()
      return
    }
    const server = connect(target.port, target.host ?? '127.0.0.1')
    const pair: Pair = { client, server, held: [], lost: mode === 'drop' }
    pairs.add(pair)
    forward(pair, client, server)
    forward(pair, server, client)
  }

  function forward(pair: Pair, from: Socket, to: Socket): void {
    from.on('data', (bytes) => {
      deliver(pair, () => {
        if (!to.write(bytes)) from.pause()
      })
    })
    to.on('drain', () => from.resume())
    from.on('error', () => {
      // 'close' follows.
    })
    from.on('close', () => {
      deliver(pair, () => to.destroySoon())
      // A server would keep the session of a client that it lost; here that would only pile up.
      if (pair.lost && from === pair.client) to.destroy()
      if (pair.client.destroyed && pair.server.destroyed) pairs.delete(pair)
    })
  }

  function deliver(pair: Pair, action: () => void): void {
    if (pair.lost) return
    if (mode === 'hold') pair.held.push(action)
    else action()
  }

  function apply(pair: Pair): void {
    if (mode === 'drop') pair.lost = true
    if (mode === 'pass' && !pair.lost) for (const action of pair.held.splice(0)) action()
    if (mode === 'reset') {
      pair.client.resetAndDestroy()
      pair.server.resetAndDestroy()
    }
  }

  async function listen(port: number): Promise<void> {
    listener.listen(port, '127.0.0.1')
    await once(listener, 'listening')
  }

  await listen(0)
  const { port } = listener.address() as AddressInfo

  return {
    port,
    get mode() {
      return mode
    },
    async set(next) {
      mode = next
      for (const pair of pairs) apply(pair)
      if (mode === 'refuse' && listener.listening) listener.close()
      if (mode !== 'refuse' && !listener.listening) await listen(port)
    },
    connections: () => [...pairs].filter(({ client }) => !client.destroyed).length,
    async close() {
      for (const { client, server } of pairs) {
        client.destroy()
        server.destroy()
      }
      pairs.clear()
      if (listener.listening) {
        listener.close()
        await once(listener, 'close')
      }
    },
  }
}
