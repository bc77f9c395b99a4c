import type { ExchangeOptions } from './exchange.ts'
import { exchange } from './exchange.ts'

/** A probe that takes longer gets company, so that a network that comes back before it ends is still found out. */
const besideAfterMs = 1_000
const timeoutMaxMs = 5_000
/** An answer of any kind will do, and its head is enough. */
const bodyMaxBytes = 65_536

export interface Control {
  /**
   * Runs a probe. When it got no answer, tells whether the prober itself was without network: the control target did
   * not answer either, beside the probe or right after it.
   */
  beside<T>(probe: Promise<T>, gotNoAnswer: (result: T) => boolean): Promise<{ result: T; offline: boolean }>
}

/** Without a URL everything is the target's fault. */
export function createControl(
  url: URL | undefined,
  options: Omit<ExchangeOptions, 'headers' | 'bodyMaxBytes' | 'agent'>,
): Control {
  if (url === undefined) return { beside: async (probe) => ({ result: await probe, offline: false }) }
  const timeoutMs = Math.min(options.timeoutMs, timeoutMaxMs)

  async function answers(): Promise<boolean> {
    const made = await exchange(url as URL, { ...options, timeoutMs, headers: {}, bodyMaxBytes, agent: false })
    return made === undefined || made.statusCode !== undefined
  }

  return {
    async beside(probe, gotNoAnswer) {
      const looks: Promise<boolean>[] = []
      const timer = setTimeout(() => looks.push(answers()), besideAfterMs)
      const result = await probe
      clearTimeout(timer)
      if (!gotNoAnswer(result)) return { result, offline: false }
      looks.push(answers())
      return { result, offline: (await Promise.all(looks)).includes(false) }
    },
  }
}
