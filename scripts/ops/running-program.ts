import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

export interface ProgramStart {
  readonly name: string
  readonly command: string
  readonly words: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly logFile: string
  /** Answers with 2xx when it has started. */
  readonly readyUrl?: string
  /** What asks it to end in good order. */
  readonly endSignal: 'SIGINT' | 'SIGTERM'
}

export interface RunningProgram {
  readonly name: string
  /** Its exit code or signal, when it has ended. */
  readonly ended: Promise<string>
  /** Resolves when it answers; rejects, with the end of its log, when it ends before that or takes too long. */
  ready(): Promise<void>
  /** Asks it to end, and ends it after a while. */
  stop(): Promise<void>
}

const readyWithinMs = 60_000
/** The service drains, and Prometheus writes its last block, in less. */
const stopWithinMs = 20_000
const pollMs = 100

/**
 * Starts a program whose output goes to its log. It gets a process group of its own: Ctrl-C reaches only whoever started
 * it, who then ends the programs in order and each once. A second signal would cut the service's drain short.
 */
export function startProgram(options: ProgramStart): RunningProgram {
  const { name, command, words, env = {}, logFile, readyUrl, endSignal } = options
  const log = openSync(logFile, 'a')
  const child = spawn(command, words, {
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log],
    detached: true,
  })
  closeSync(log)
  let hasEnded = false
  const ended = once(child, 'exit')
    .then(([code, signal]) => `exit code ${code ?? signal}`)
    .catch((error: unknown) => `it could not be started: ${String(error)}`)
    .finally(() => {
      hasEnded = true
    })

  return {
    name,
    ended,
    async ready() {
      const deadline = performance.now() + readyWithinMs
      while (!hasEnded && performance.now() < deadline) {
        if (readyUrl === undefined || (await answers(readyUrl))) return
        await delay(pollMs)
      }
      const why = hasEnded ? await ended : `no answer within ${readyWithinMs / 1_000} s`
      throw new Error(
        `${name} did not start: ${why}; the end of ${logFile}:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`,
      )
    },
    async stop() {
      if (hasEnded) return
      child.kill(endSignal)
      const inTime = await Promise.race([ended, delay(stopWithinMs, undefined, { ref: false })])
      if (inTime !== undefined) return
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}
