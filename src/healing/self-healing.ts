import type { RestartCode } from '../telemetry/metric-definitions.ts'
import type { FaultWatch, LocalFault } from './local-fault.ts'
import type { Grant, Refusal, RestartPermit } from './restart-permit.ts'

/** A fault that this machine would restart itself for, and may not. */
export interface RefusedRestart {
  readonly code: RestartCode
  readonly message: string
  /** It will be asked for again soon, and nobody need do anything. */
  readonly inTurn: boolean
}

export interface SelfHealing {
  start(): void
  /** From here on nothing is asked and nothing ends: somebody else ends this process. */
  stop(): void
  refused(): RefusedRestart | undefined
}

/** A fault at the edge comes and goes with each look; one refusal is told for all of it. */
const looksUntilGone = 6

/**
 * Must this process end itself, and may it? One question at a time.
 *
 *   well ── a watch finds a local fault, and it is permitted ──► onGrant, once; nothing is looked at any more
 *     ▲ └──────────────────────────── and it is refused ──► refused ── the time of the refusal is over ──► asked again
 *     └──────────────────────── the fault is gone ───────────────┘
 */
export function createSelfHealing(options: {
  /** The first that finds something decides. */
  watches: readonly FaultWatch[]
  tickMs: number
  permit: RestartPermit
  monotonicMs: () => number
  onGrant: (fault: LocalFault, grant: Grant) => void
  /** Once for each cause, while the fault lasts. */
  onRefusal: (fault: LocalFault, refusal: Refusal) => void
  /** The question itself failed, which is a mistake of ours. */
  onError: (error: unknown) => void
}): SelfHealing {
  const { watches, tickMs, permit, monotonicMs, onGrant, onRefusal, onError } = options
  let timer: NodeJS.Timeout | undefined
  let looking = false
  let goneLooks = 0
  let refused: { readonly fault: LocalFault; readonly refusal: Refusal; readonly askAgainMs: number } | undefined

  const isStopped = () => timer === undefined

  async function look(): Promise<void> {
    const found = watches.map((watch) => watch.look()).find((fault) => fault !== undefined)
    goneLooks = found === undefined ? goneLooks + 1 : 0
    if (goneLooks >= looksUntilGone || (found && found.code !== refused?.fault.code)) refused = undefined
    if (found === undefined || monotonicMs() < (refused?.askAgainMs ?? 0)) return
    if (await found.isLocal()) await ask(found)
    else refused = undefined
  }

  async function ask(fault: LocalFault): Promise<void> {
    if (isStopped()) return
    const answer = await permit.ask(fault.code)
    if (isStopped()) return
    if (answer.granted) {
      stop()
      onGrant(fault, answer)
    } else {
      if (answer.cause !== refused?.refusal.cause) onRefusal(fault, answer)
      refused = { fault, refusal: answer, askAgainMs: monotonicMs() + answer.againInMs }
    }
  }

  async function tick(): Promise<void> {
    if (looking) return
    looking = true
    try {
      await look()
    } catch (error) {
      onError(error)
    } finally {
      looking = false
    }
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    start() {
      timer = setInterval(tick, tickMs).unref()
    },
    stop,
    refused() {
      if (refused === undefined) return undefined
      const { fault, refusal } = refused
      const message = `${fault.message}; no restart: ${refusal.message}`
      return { code: fault.code, message, inTurn: refusal.cause === 'other_machine' }
    },
  }
}
