import type pg from 'pg'
import { discardClient } from './destroy-client.ts'
import type { LongHold } from './statement-observer.ts'

/** A client that a caller took by an explicit `connect()`. Opaque. */
export interface Hold {
  readonly stackHolder: { stack?: string }
  heldSince: number
  told: boolean
}

export interface ClientHolds {
  /** Captures the stack above `caller`; its text is made only if somebody asks for it. */
  begin(caller: (...parts: never[]) => unknown): Hold
  /** The client was handed out; its `release` ends the hold. */
  add(hold: Hold, client: pg.PoolClient): void
  /** Held for longer than the limit, longest first. */
  leaked(): readonly LeakedClient[]
  stop(): void
}

export interface LeakedClient extends LongHold {
  /** Takes the client from its holder, whose next statement fails, and makes room in the pool. */
  destroy(): void
}

/**
 * Names the code that takes a client and does not give it back. The timer runs only while a client is out,
 * and each hold is told once.
 */
export function createClientHolds(options: { leakAfterMs: number; tell: (hold: LongHold) => void }): ClientHolds {
  const { leakAfterMs, tell } = options
  const holds = new Map<Hold, () => void>()
  let timer: NodeJS.Timeout | undefined

  function begin(caller: (...parts: never[]) => unknown): Hold {
    const stackHolder: { stack?: string } = {}
    Error.captureStackTrace(stackHolder, caller)
    return { stackHolder, heldSince: 0, told: false }
  }

  function add(hold: Hold, client: pg.PoolClient): void {
    hold.heldSince = performance.now()
    const release = client.release
    client.release = (error) => {
      // A second release is no mistake here: the first may have been ours, when the client was taken away.
      if (!holds.delete(hold)) return
      release(error)
      if (holds.size === 0) stop()
    }
    holds.set(hold, () => {
      discardClient(client)
      client.release(true)
    })
    timer ??= setInterval(sweep, Math.max(leakAfterMs / 4, 10)).unref()
  }

  function sweep(): void {
    for (const hold of holds.keys()) {
      if (hold.told || heldMs(hold) < leakAfterMs) continue
      hold.told = true
      tell(describe(hold))
    }
  }

  function leaked(): LeakedClient[] {
    return [...holds]
      .filter(([hold]) => heldMs(hold) >= leakAfterMs)
      .map(([hold, destroy]) => ({ ...describe(hold), destroy }))
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  return Object.freeze({ begin, add, leaked, stop })
}

function heldMs(hold: Hold): number {
  return performance.now() - hold.heldSince
}

function describe(hold: Hold): LongHold {
  const frame = hold.stackHolder.stack?.split('\n')[1]?.trim().replace(/^at /, '')
  return { heldMs: heldMs(hold), place: frame ?? 'unknown' }
}
