import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { AnswerHeaders } from './answer-headers.ts'
import { problemBody, problemContentType } from './problem.ts'

const problems: Readonly<Record<string, { status: number; detail: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'The request headers are too large; send fewer or shorter ones.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, detail: 'The chunk extensions are too large; leave them out.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'The request did not arrive whole in time; send it again.' },
}
const malformed = { status: 400, detail: 'The request is not well-formed HTTP/1.1; check its first line and headers.' }

/** Answers what Node's parser refused: there is no request object, only the socket. */
export function createClientErrorHandler(options: {
  requestId: () => string
  answerHeaders: AnswerHeaders
  onProblem: (status: number, requestId: string, code: string) => void
}): (error: Error, socket: Socket) => void {
  const { requestId, answerHeaders, onProblem } = options
  return (error, socket) => {
    const code = 'code' in error ? String(error.code) : 'unknown'
    // The peer is gone, or a half-answered request shares the socket: another answer would garble it.
    if (code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
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
    onProblem(problem.status, id, code)
  }
}
