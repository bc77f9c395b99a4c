import { destroyClient } from './destroy-client.ts'
import type { TimedClient } from './timed-client.ts'

export interface StatementDeadline {
  /** A statement starts. */
  started(): void
  stop(): void
}

const sweepMs = 1_000

/**
 * The client's side of the statement time-out, for a server that no longer answers at all: destroys a connection whose
 * statement runs for longer than `limitMs`. One timer for all, and only while statements run, because pg's own
 * `query_timeout` sets one for every statement.
 */
export function createStatementDeadline(clients: ReadonlySet<TimedClient>, limitMs: number): StatementDeadline {
  let timer: NodeJS.Timeout | undefined

  function started(): void {
    // A process that slept or was blocked runs its timers before it reads its sockets, and an answer may lie there.
    timer ??= setInterval(() => setImmediate(sweep), Math.min(sweepMs, limitMs)).unref()
  }

  function sweep(): void {
    const now = performance.now()
    let running = false
    for (const client of clients) {
      if (client.runningSince === 0) continue
      if (now - client.runningSince > limitMs)
        destroyClient(client, new Error(`no answer within ${limitMs} ms: statement timeout`))
      else running = true
    }
    if (!running) stop()
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  return { started, stop }
}
