import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Duplex, Readable } from 'node:stream'
import type { Account } from './embedded-account.ts'

export interface ServerProcess {
  /** The last lines that it wrote. */
  readonly tail: readonly string[]
  readonly exited: Promise<void>
  hasExited(): boolean
  /** Closes the pipe: a fast shutdown (clients are cut off, nothing committed is lost). */
  end(): void
}

const tailLines = 20

/**
 * Keeps the server's life within ours, also when we are killed with SIGKILL: the shell waits for the end of a pipe
 * that only we hold, and then asks for a fast shutdown. (Linux could do it with a parent-death signal; macOS can't.)
 */
const guardScript = `
"$@" 3<&- & server=$!
( read -r _ <&3; kill -INT "$server" 2>/dev/null ) & guard=$!
exec 3<&-
wait "$server"; code=$?
kill "$guard" 2>/dev/null
exit "$code"`

export function spawnServer(
  command: readonly string[],
  account: Account | undefined,
  log?: (line: string) => void,
): ServerProcess {
  const child = spawn('/bin/sh', ['-c', guardScript, 'sh', ...command], {
    ...(account && { uid: account.uid, gid: account.gid }),
    cwd: '/',
    // Our secrets are none of its business, and PG… variables of the caller must not reach it.
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    // A session of its own: a terminal's Ctrl-C must reach the service only, which drains first.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const [, , stderr, pipe] = child.stdio as unknown as [null, null, Readable, Duplex]
  pipe.on('error', () => {
    // The server has ended by itself; `exited` tells.
  })

  const tail: string[] = []
  createInterface({ input: stderr }).on('line', (line) => {
    tail.push(line)
    if (tail.length > tailLines) tail.shift()
    log?.(line)
  })
  let exited = false
  const exit = once(child, 'exit').then(
    () => {
      exited = true
      pipe.destroy()
    },
    (cause: unknown) => {
      exited = true
      tail.push(String(cause))
    },
  )
  return { tail, exited: exit, hasExited: () => exited, end: () => pipe.destroy() }
}
