import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** What listens on this host's loopback, at another address of the host too. */
export async function forwardPort(address: string, port: number): Promise<Disposable> {
  const sockets = new Set<{ destroy(): void }>()
  const server = createServer((client) => {
    const target = connect(port, '127.0.0.1')
    client.pipe(target).pipe(client)
    for (const [socket, other] of [[client, target] as const, [target, client] as const]) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => sockets.delete(socket))
    }
  })
  server.listen(port, address)
  await once(server, 'listening')
  return {
    [Symbol.dispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
