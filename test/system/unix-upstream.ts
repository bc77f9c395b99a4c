import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type UnixUpstream = Awaited<ReturnType<typeof startUnixUpstream>>

/** What a test wants behind nginx in the service's place: an HTTP server on a Unix socket. */
export async function startUnixUpstream(listener: RequestListener) {
  const directory = await mkdtemp(join(tmpdir(), 'medio-upstream-'))
  // nginx may run as another user.
  await chmod(directory, 0o711)
  const socketPath = join(directory, 'node.sock')
  const sockets = new Set<Socket>()
  let accepted = 0
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    listener(request, response)
  })
  // nginx ends kept connections first, as in production.
  server.keepAliveTimeout = 75_000
  server.on('connection', (socket: Socket) => {
    accepted += 1
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  async function listen(): Promise<void> {
    server.listen(socketPath)
    await once(server, 'listening')
    await chmod(socketPath, 0o666)
  }
  function closeConnections(): void {
    for (const socket of sockets) socket.destroy()
  }
  /** Ends every connection and removes the socket, as the end of a process does. */
  async function close(): Promise<void> {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    closeConnections()
    await closed
  }

  await listen()
  return {
    socketPath,
    /** Method and target of each, in order. */
    requests: requests as readonly string[],
    /** Connections accepted since the start. */
    accepted: () => accepted,
    /** Connections open at this moment. */
    open: () => sockets.size,
    closeConnections,
    listen,
    close,
    async [Symbol.asyncDispose]() {
      await close()
      await rm(directory, { recursive: true })
    },
  }
}
