import { connect } from 'node:net'

export interface RawAnswer {
  readonly statusCode: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface RawExchange {
  readonly answers: readonly RawAnswer[]
  /** The server closed the connection. */
  readonly closed: boolean
  /** What came and is no whole answer. */
  readonly rest: string
}

/**
 * Writes bytes that no HTTP client would, each message after the answer to the one before, and reads until the server
 * closes or `expected` whole answers are there.
 */
export function exchangeRaw(
  port: number,
  messages: readonly (string | Buffer)[],
  expected = Number.POSITIVE_INFINITY,
): Promise<RawExchange> {
  const { promise, resolve } = Promise.withResolvers<RawExchange>()
  const answers: RawAnswer[] = []
  let rest = ''
  const finish = (closed: boolean) => {
    resolve({ answers, closed, rest })
    socket.destroy()
  }
  const send = () => {
    const message = messages[answers.length]
    if (message !== undefined) socket.write(message)
  }
  const socket = connect({ port, host: '127.0.0.1' }, send)
  socket.setEncoding('latin1')
  socket.on('data', (chunk) => {
    rest += String(chunk)
    for (let next = takeAnswer(rest); next !== undefined; next = takeAnswer(rest)) {
      answers.push(next.answer)
      rest = next.rest
      send()
    }
    if (answers.length >= expected) finish(false)
  })
  socket.on('end', () => finish(true))
  // A reset ends the exchange too; what came before it is in the answers.
  socket.on('error', () => finish(true))
  return promise
}

/** Latin-1 keeps one character a byte, so that Content-Length counts characters. */
function takeAnswer(text: string): { answer: RawAnswer; rest: string } | undefined {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [statusLine = '', ...fields] = text.slice(0, headEnd).split('\r\n')
  const headers = Object.fromEntries(
    fields.map((field) => {
      const colon = field.indexOf(':')
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()]
    }),
  )
  const bodyStart = headEnd + 4
  const bodyEnd = bodyStart + Number(headers['content-length'] ?? 0)
  if (text.length < bodyEnd) return undefined
  const body = Buffer.from(text.slice(bodyStart, bodyEnd), 'latin1').toString()
  return { answer: { statusCode: Number(statusLine.split(' ')[1]), headers, body }, rest: text.slice(bodyEnd) }
}
