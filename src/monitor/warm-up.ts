import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSecureContext } from 'node:tls'
import { type ExchangeOptions, exchange } from './exchange.ts'

const rounds = 5

/**
 * Runs the code of a probe against a server of our own, on loopback. Else the first probe measures how the prober's code
 * is compiled and, over TLS, how its list of authorities is read: about 50 ms on a slow core, told of the target.
 */
export async function warmUp(options: Omit<ExchangeOptions, 'headers' | 'bodyMaxBytes' | 'agent'>, secure: boolean) {
  if (secure) createSecureContext()
  const server = createServer((_request, response) => response.end('{"status":"healthy"}'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(`http://localhost:${(server.address() as AddressInfo).port}/`)
  for (let round = 0; round < rounds; round += 1) {
    await exchange(url, { ...options, headers: {}, bodyMaxBytes: 1_000, agent: false })
  }
  server.closeAllConnections()
  server.close()
}
