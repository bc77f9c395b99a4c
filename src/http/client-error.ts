import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { AnswerHeaders } from './answer-headers.ts'
import { problemBody, problemContentType } from './problem.ts'

const problems: Readonly<Record<string, { status: number; detail: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'The request headers are too large; send fewer or shorter ones.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, detail: 'The chunk extensions are too large; leave them out.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'The request did not arrive whole in time; send it again.' },
}
const malformed = { status: 400, detail: 'The request is not well-formed HTTP/1.1; check its first line and headers.' }

/** To close while the caller still sends would reset the connection and lose the answer (RFC 9112, 9.6). */
const lingerMs = 1_000

/** Answers what Node's parser refused: there is no request object, only the socket. */
export function createClientErrorHandler(options: {
  requestId: () => string
  answerHeaders: AnswerHeaders
  onProblem: (status: number, requestId: string, code: string) => void
}): (error: Error, socket: Socket) => void {
  const { requestId, answerHeaders, onProblem } = options
  return (error, socket) => {
    const code = 'code' in error ? String(error.code) : 'unknown'
    // More of what was refused: the caller is still sending.
    if (socket.writableEnded) return
    // The peer is gone, or it is in the middle of another answer that this one would garble, or it has asked nothing:
    // an answer would be taken for that of the request which it may be sending just now.
    if (code === 'ECONNRESET' || !socket.writable || isAnswering(socket) || socket.bytesRead === 0) {
      socket.destroy()
      return
    }
    const id = requestId()
    const problem = problems[code] ?? malformed
    const body = problemBody(problem, id)
    const headers = [
      ...answerHeaders(id),
      ...['Content-Type', problemContentType, 'Cache-Control', 'no-store'],
      ...['Content-Length', String(Buffer.byteLength(body)), 'Connection', 'close'],
    ]
    let head = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n`
    for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`
    socket.end(`${head}\r\n${body}`)
    const linger = setTimeout(() => socket.destroy(), lingerMs)
    socket.once('close', () => clearTimeout(linger))
    onProblem(problem.status, id, code)
  }
}

/** Node has no public way to ask this; its own handler reads the same field (lib/_http_server.js, socketOnError). */
function isAnswering(socket: Socket & { readonly _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent === true
}
