import type { Observation } from '../observation/observation.ts'
import { pause } from './pause.ts'
import { type Posted, postBatch } from './post-batch.ts'

export interface PostQueue {
  add(observation: Observation): void
  /** One of a run before, that may be stored already. */
  addAgain(observation: Observation): void
  /** Sends what waits, until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>
  /** The last attempts; tells what never arrived, as sentences. */
  finish(signal: AbortSignal): Promise<readonly string[]>
}

/** A day of probes every 15 s is 5,760; one has about 500 bytes. */
const waitingMax = 10_000
/** What the service takes at once: so many, in a body below 1 MB. */
const batchMax = 1_000
const batchMaxChars = 900_000
const gapMs = 5_000
const firstBackoffMs = 1_000
const backoffMaxMs = 60_000

/**
 * Sends observations in batches, oldest first, one request at a time. Each has an id, so one whose answer got lost is
 * stored once all the same. While the service is away they wait, and beyond a bound the oldest go.
 */
export function createPostQueue(options: {
  url: URL
  token: string
  /** From 0 to 1: probers that lost a service together must not all come back together. */
  random: () => number
  waitingMax?: number
}): PostQueue {
  const { url, token, random } = options
  const bound = options.waitingMax ?? waitingMax
  const lost = { dropped: 0, refused: 0, refusal: '', lastFailure: '' }
  /** As JSON: each is written once, however often it is sent. */
  let waiting: { readonly text: string }[] = []
  let backoffMs = firstBackoffMs
  let added = Promise.withResolvers<void>()

  /** Milliseconds to wait until the next one. */
  async function sendBatch(signal: AbortSignal): Promise<number> {
    const batch = waiting.slice(0, batchLength(waiting))
    const texts = batch.map(({ text }) => text)
    const posted = await postBatch(url, texts, { token, signal })
    if (posted.kind === 'later') return later(posted)
    backoffMs = firstBackoffMs
    const done = new Set(posted.kind === 'stored' ? batch : refuse(batch, posted))
    waiting = waiting.filter((each) => !done.has(each))
    return posted.kind === 'stored' ? gapMs : firstBackoffMs
  }

  function later({ reason, afterMs }: Posted & { kind: 'later' }): number {
    lost.lastFailure = reason
    const waitMs = afterMs ?? backoffMs * (0.5 + random() / 2)
    backoffMs = Math.min(backoffMs * 2, backoffMaxMs)
    return waitMs
  }

  /** One bad item makes the service store nothing of its batch: without it the others have a chance. */
  function refuse<T>(batch: readonly T[], { reason, indexes }: Posted & { kind: 'refused' }): readonly T[] {
    const named = indexes.flatMap((index) => batch[index] ?? [])
    const gone = named.length > 0 ? named : batch
    lost.refusal = reason
    lost.refused += gone.length
    return gone
  }

  /** Tells how many went for it. */
  function push(observation: Observation): number {
    waiting.push({ text: JSON.stringify(observation) })
    added.resolve()
    return waiting.length > bound ? waiting.splice(0, waiting.length - bound).length : 0
  }

  return {
    add(observation) {
      lost.dropped += push(observation)
    },
    addAgain: push,
    async follow(signal) {
      const ended = Promise.withResolvers<void>()
      signal.addEventListener('abort', () => ended.resolve(), { once: true })
      while (!signal.aborted) {
        if (waiting.length > 0) await pause(await sendBatch(signal), signal)
        else {
          added = Promise.withResolvers()
          await Promise.race([added.promise, ended.promise])
        }
      }
    },
    async finish(signal) {
      backoffMs = firstBackoffMs
      while (waiting.length > 0 && !signal.aborted) {
        const before = waiting.length
        const waitMs = await sendBatch(signal)
        if (waiting.length === before) await pause(waitMs, signal)
      }
      return gapsOf(`${url.origin}${url.pathname}`, waiting.length, lost)
    },
  }
}

function batchLength(waiting: readonly { readonly text: string }[]): number {
  let chars = 0
  const end = waiting.findIndex(({ text }, index) => {
    chars += text.length + 1
    return index === batchMax || (index > 0 && chars > batchMaxChars)
  })
  return end < 0 ? waiting.length : end
}

interface Lost {
  readonly dropped: number
  readonly refused: number
  readonly refusal: string
  readonly lastFailure: string
}

function gapsOf(where: string, left: number, { dropped, refused, refusal, lastFailure }: Lost): string[] {
  const gaps: string[] = []
  if (left > 0) gaps.push(`${counted(left)} did not get to ${where}, which ${lastFailure || 'was not asked in time'}.`)
  if (dropped > 0) gaps.push(`${counted(dropped)} gave way to newer ones, as ${where} took none for too long.`)
  if (refused > 0) gaps.push(`${counted(refused)} found no place at ${where}, which ${refusal}.`)
  return gaps
}

const counted = (count: number) => (count === 1 ? '1 observation' : `${count} observations`)
