import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export interface Knock {
  /** False: refused, nobody listened. */
  readonly connected: boolean
  /** Of the answer; undefined when the connection ended without one. */
  readonly statusCode: number | undefined
  /** The whole answer, head and body. */
  readonly text: string
}

/** Once the door is open; before that, as fast as it goes. */
const pauseMs = 2

/**
 * A client that wants in: connects over and over, and asks for `path` on each connection that it gets. Resolves with
 * what became of each attempt, in the order in which they began, `openForMs` after the first that was not refused.
 */
export async function knockUntilOpen(port: number, path: string, openForMs: number): Promise<Knock[]> {
  const knocks: Promise<Knock>[] = []
  let openUntilMs = Number.POSITIVE_INFINITY
  while (performance.now() < openUntilMs) {
    const { connected, result } = knock(port, path)
    knocks.push(result)
    if (!(await connected)) continue
    openUntilMs = Math.min(openUntilMs, performance.now() + openForMs)
    await delay(pauseMs)
  }
  return Promise.all(knocks)
}

function knock(port: number, path: string): { connected: Promise<boolean>; result: Promise<Knock> } {
  const connected = Promise.withResolvers<boolean>()
  const result = Promise.withResolvers<Knock>()
  let text = ''
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('utf8')
  socket.on('connect', () => {
    connected.resolve(true)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  })
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  socket.on('error', () => {
    // 'close' follows.
  })
  socket.on('close', async () => {
    connected.resolve(false)
    const statusCode = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]
    result.resolve({
      connected: await connected.promise,
      statusCode: statusCode === undefined ? undefined : Number(statusCode),
      text,
    })
  })
  return { connected: connected.promise, result: result.promise }
}
