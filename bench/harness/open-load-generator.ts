/**
 * The process behind open-load.ts. It speaks HTTP/1.1 over plain sockets: node:http as a client costs more than the
 * servers it would measure, and its own queueing would be counted as theirs.
 */
import { connect, type Socket } from 'node:net'
import type { OpenLoad, OpenLoadOptions } from './open-load.ts'
import { percentile } from './statistics.ts'

const connectionCount = 32
/** After the last due instant: what is not answered by then counts as not answered. */
const graceMs = 5_000

const { origin, socketPath, paths, perSecond, seconds } = JSON.parse(process.argv[2] ?? '') as OpenLoadOptions
const { hostname, port, host } = new URL(origin)
const address = socketPath === undefined ? { host: hostname, port: Number(port), noDelay: true } : { path: socketPath }
const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
const total = perSecond * seconds
const gapMs = 1_000 / perSecond
const latenciesMs = new Float64Array(total)
const statusCounts: Record<string, number> = {}
const idle: Connection[] = []
// Dense schedules need exact instants: the loop then spins, which the pinned core is there for.
const nextTurn = gapMs < 4 ? setImmediate : (turn: () => void) => setTimeout(turn, 1)

let next = 0
let answered = 0
let broken = 0

interface Connection {
  socket: Socket
  /** Number of the request under way, -1 for none. */
  request: number
  received: Buffer
}

function open(): void {
  const connection: Connection = {
    socket: connect(address),
    request: -1,
    received: Buffer.alloc(0),
  }
  connection.socket.once('connect', () => idle.push(connection))
  connection.socket.on('data', (chunk: Buffer) => receive(connection, chunk))
  connection.socket.on('error', () => {
    // 'close' follows and counts it.
  })
  connection.socket.once('close', () => {
    if (connection.request >= 0) broken += 1
    const place = idle.indexOf(connection)
    if (place >= 0) idle.splice(place, 1)
    if (answered + broken < total) setTimeout(open, 10)
  })
}

function receive(connection: Connection, chunk: Buffer): void {
  const bytes = connection.received.length === 0 ? chunk : Buffer.concat([connection.received, chunk])
  const headEnd = bytes.indexOf('\r\n\r\n')
  const head = headEnd < 0 ? '' : bytes.toString('latin1', 0, headEnd)
  const bodyLength = Number(/^content-length: (\d+)$/im.exec(head)?.[1])
  if (headEnd < 0 || bytes.length < headEnd + 4 + bodyLength) {
    connection.received = bytes
    return
  }
  if (Number.isNaN(bodyLength)) throw new Error(`${origin}: an answer without Content-Length can't be measured here`)
  latenciesMs[answered] = performance.now() - (startedAt + connection.request * gapMs)
  const status = head.slice(9, 12)
  statusCounts[status] = (statusCounts[status] ?? 0) + 1
  answered += 1
  connection.received = Buffer.alloc(0)
  connection.request = -1
  // nginx ends each connection after its thousandth request, and a request sent into that end would be nobody's fault.
  if (/^connection: close$/im.test(head)) connection.socket.end()
  else idle.push(connection)
}

function turn(): void {
  const now = performance.now()
  while (next < total && startedAt + next * gapMs <= now) {
    const connection = idle.pop()
    if (connection === undefined) break
    connection.request = next
    connection.socket.write(requests[next % requests.length] ?? '')
    next += 1
  }
  if (answered + broken === total || now > startedAt + total * gapMs + graceMs) finish()
  else nextTurn(turn)
}

function finish(): void {
  const sorted = latenciesMs.subarray(0, answered).sort()
  const us = (share: number) => percentile(sorted, share) * 1_000
  const result: OpenLoad = { sent: next, answered, statusCounts, p50Us: us(0.5), p90Us: us(0.9), p99Us: us(0.99) }
  process.stdout.write(JSON.stringify(result), () => process.exit(0))
}

for (let count = 0; count < connectionCount; count += 1) open()
// Connections are up before the first request is due.
const startedAt = performance.now() + 200
nextTurn(turn)
