/** In place of a socket to Postgres: answers any statement with one row at the next tick, without a system call. */
import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'

/** https://www.postgresql.org/docs/current/protocol-message-formats.html */
function message(type: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, body])
}

const readyForQuery = message('Z', 'I')
const welcome = Buffer.concat([message('R', Buffer.alloc(4)), readyForQuery])
const oneRow = Buffer.concat([
  // One column: table 0, attribute 0, type 23 (int4) of 4 bytes, no modifier, text.
  message(
    'T',
    Buffer.from([0, 1]),
    '?column?\0',
    Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 23, 0, 4, 255, 255, 255, 255, 0, 0]),
  ),
  message('D', Buffer.from([0, 1, 0, 0, 0, 1]), '1'),
  message('C', 'SELECT 1\0'),
  readyForQuery,
])

class StubSocket extends EventEmitter {
  readonly writable = true
  #welcomed = false

  setNoDelay(): void {
    // Nothing is sent.
  }

  ref(): void {
    // Nothing keeps the process but its own work.
  }

  unref(): void {
    // As above: the pool asks for both.
  }

  connect(): void {
    process.nextTick(() => this.emit('connect'))
  }

  write(): boolean {
    const answer = this.#welcomed ? oneRow : welcome
    this.#welcomed = true
    process.nextTick(answerOf, this, answer)
    return true
  }
}

function answerOf(socket: StubSocket, answer: Buffer): void {
  socket.emit('data', answer)
}

/** The part of a socket that pg uses. */
export function createPostgresStub(): Duplex {
  return new StubSocket() as unknown as Duplex
}
