import type { IncomingMessage } from 'node:http'

/**
 * Who asks. On Fly the proxy writes `Fly-Client-IP` and callers can't; elsewhere anybody could, so it is the peer.
 * Behind nginx's socket without Fly there is no address: all callers count as one.
 */
export function clientOf(onFly: boolean): (request: IncomingMessage) => string {
  return (request) => {
    const header = onFly ? request.headers['fly-client-ip'] : undefined
    return typeof header === 'string' ? header : (request.socket.remoteAddress ?? 'local')
  }
}
