import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'

const lowestPort = 10_000
const attempts = 100

/**
 * A free port below those that the kernel gives to outgoing connections. One of them could take the port before the
 * server does, and a client that knocks while nobody listens would in time be connected to itself.
 * https://docs.kernel.org/networking/ip-sysctl.html (ip_local_port_range)
 */
export async function freePort(): Promise<number> {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
  const outgoingFrom = Number(range.split('\t')[0])
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = lowestPort + Math.floor(Math.random() * (outgoingFrom - lowestPort))
    if (await isFree(port)) return port
  }
  throw new Error(`no free port found from ${lowestPort} to ${outgoingFrom - 1}; see what listens with: ss -ltn`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    const listening = once(server, 'listening')
    server.listen(port)
    await listening
    return true
  } catch {
    return false
  } finally {
    if (server.listening) {
      server.close()
      await once(server, 'close')
    }
  }
}
