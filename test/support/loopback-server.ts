import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'

export interface LoopbackServer {
  readonly port: number
  /** Connections open at this moment: none is left after a cancelled check. */
  connections(): number
  close(): Promise<void>
}

/** Lets a server listen on a free loopback port and keeps count of its connections. */
export async function listenOnLoopback(server: Server): Promise<LoopbackServer> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    connections: () => sockets.size,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
