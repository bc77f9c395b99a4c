import { createServer, type IncomingHttpHeaders } from 'node:http'
import { listenOnLoopback } from './loopback-server.ts'

/** What the stand-in does with the next requests: an answer, none at all, a body that never ends, or a reset. */
export type HttpBehaviour =
  | { readonly statusCode: number; readonly headers?: Readonly<Record<string, string>> }
  | 'hang'
  | 'endless body'
  | 'reset'

/** An HTTP service on loopback whose behaviour a test chooses. */
export async function startHttpStandIn() {
  let behaviour: HttpBehaviour = { statusCode: 200 }
  const requests: string[] = []
  const headers: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    headers.push(request.headers)
    if (behaviour === 'hang') return
    if (behaviour === 'reset') {
      request.socket.resetAndDestroy()
    } else if (behaviour === 'endless body') {
      response.writeHead(200).write('the first of many bytes')
    } else {
      response.writeHead(behaviour.statusCode, behaviour.headers).end('a body that nobody reads')
    }
  })
  const { port, connections, close } = await listenOnLoopback(server)

  return {
    url: `http://127.0.0.1:${port}/`,
    requests: requests as readonly string[],
    headers: headers as readonly IncomingHttpHeaders[],
    connections,
    behave(next: HttpBehaviour) {
      behaviour = next
    },
    close,
  }
}
