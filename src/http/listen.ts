import { chmodSync, unlinkSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { connect } from 'node:net'
import type { Config } from '../config.ts'

/**
 * Keep-alive outlasts nginx's (60 s by default), else Node closes a socket in the moment nginx reuses it and the caller
 * sees a 502. The others are Node's own 60 s for headers: pools of clients keep connections in store that have sent
 * nothing yet, and a short limit would close those in the moment of their first use.
 */
export const serverTimeouts = {
  keepAliveTimeout: 75_000,
  headersTimeout: 60_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
}

const maxHeaderBytes = 16_384

const idleSweepMs = 50

export function createHttpServer(listener: RequestListener, timeouts = serverTimeouts): Server {
  // Node would answer a missing Host with a bare 400; the edge does it with what every answer has.
  return createServer({ ...timeouts, maxHeaderSize: maxHeaderBytes, requireHostHeader: false }, listener)
}

/** Binds the port on IPv4 and IPv6, or the socket. Rejects with the subject and the next step. */
export async function listen(server: Server, where: Config['listen']): Promise<void> {
  if ('socketPath' in where) {
    await removeStaleSocket(where.socketPath)
    await bind(server, { path: where.socketPath }).catch((cause: Error) => {
      const next = 'choose a SOCKET_PATH below 108 bytes in a directory that this user may write to'
      throw new Error(`SOCKET_PATH ${where.socketPath} can't be bound (${cause.message}); ${next}`, { cause })
    })
    // nginx runs as another user of the same group.
    chmodSync(where.socketPath, 0o660)
    return
  }
  try {
    await bind(server, { port: where.port, host: '::' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    if (error.code === 'EADDRINUSE') {
      throw new Error(`port ${where.port} is in use; stop what listens there or set PORT to another one`, {
        cause: error,
      })
    }
    if (error.code !== 'EAFNOSUPPORT' && error.code !== 'EADDRNOTAVAIL') throw error
    await bind(server, { port: where.port, host: '0.0.0.0' })
  }
}

export function bind(server: Server, address: { port: number; host: string } | { path: string }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(address, () => {
    server.off('error', reject)
    resolve()
  })
  return promise
}

/** A process that was killed leaves its socket file behind, and binding to it fails; a living one must not be robbed. */
async function removeStaleSocket(path: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const probe = connect(path, () => resolve('answered'))
  probe.on('error', (error) => resolve('code' in error ? String(error.code) : 'error'))
  const outcome = await promise
  probe.destroy()
  if (outcome === 'answered') throw new Error(`SOCKET_PATH ${path} is in use by a running process; stop it first`)
  if (outcome === 'ECONNREFUSED') unlinkSync(path)
}

/**
 * Stops accepting, lets running requests finish, and closes idle sockets. When the signal aborts, what still runs is cut.
 */
export function closeServer(server: Server, cut: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const destroy = () => server.closeAllConnections()
  // A connection whose request began before the stop was promised keep-alive: it turns idle only after its answer.
  const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs)
  cut.addEventListener('abort', destroy, { once: true })
  server.close(() => {
    clearInterval(sweep)
    cut.removeEventListener('abort', destroy)
    resolve()
  })
  server.closeIdleConnections()
  if (cut.aborted) destroy()
  return promise
}
