import { CheckFailure, type CheckReading } from '../check.ts'
import type { CheckWork } from './check-work.ts'
import { latencySince } from './latency.ts'
import { responseCode } from './response-code.ts'

/**
 * Does a service that we call answer? A redirect counts as an answer and is not followed. Each run opens a connection:
 * one kept from before a suspend would be dead, and only look alive.
 */
export function createExternalApiCheck(options: { name: string; url: string; fetch?: typeof fetch }): CheckWork {
  const { fetch = globalThis.fetch } = options

  async function run(signal: AbortSignal): Promise<CheckReading> {
    const startedAtMs = performance.now()
    const response = await fetch(options.url, { signal, redirect: 'manual', headers: { connection: 'close' } })
    const latency = latencySince(startedAtMs)
    // Only the answer counts: the rest of a long body would be paid for and thrown away.
    await response.body?.cancel()
    if (response.status < 400) return latency
    throw new CheckFailure(responseCode(response.status), `${options.name} answered with ${response.status}`, latency)
  }

  return { run }
}
