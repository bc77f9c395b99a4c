import { setTimeout as delay } from 'node:timers/promises'
import { type KnownHistory, latencyBucketMs, type StatusHistory, type StatusSource } from './status-source.ts'

/** The history as far as it is known: read anew when asked for, and from memory while the database is away. */
export interface StatusData {
  /** Never rejects, and takes a second at most. */
  read(): Promise<KnownHistory>
}

/** At most one round of statements in this time, however many look at the page. */
const roundEveryMs = 5_000
/** A database that hangs must not hang the page: what is known by then is shown, and the round goes on behind it. */
const waitMs = 1_000
const dayMs = 86_400_000

export const shownDays = 90

/** `onReadFailed`: each error of the first round that failed; those after it would say the same every five seconds. */
export function createStatusData(options: {
  source: StatusSource
  wallMs: () => number
  monotonicMs: () => number
  onReadFailed: (error: unknown) => void
}): StatusData {
  const { source, wallMs, monotonicMs, onReadFailed } = options
  let known: KnownHistory = {}
  let round: { readonly begunMs: number; readonly begunAt: Date; readonly done: Promise<void> } | undefined
  let lastBegunMs = Number.NEGATIVE_INFINITY

  /** One statement after the other: a page that nobody waits for urgently holds one connection of the pool, not six. */
  async function readAll(begunMs: number): Promise<void> {
    const now = new Date(wallMs())
    const before = known.unreadableSince
    let failed = false
    let hangs = false

    async function keep<Name extends keyof StatusHistory>(name: Name, read: () => Promise<StatusHistory[Name]>) {
      if (hangs) return
      try {
        const value = await read()
        known = { ...known, [name]: { value, at: new Date(wallMs()) } }
      } catch (error) {
        failed = true
        if (before === undefined) onReadFailed(error)
        // Each of the others would wait as long for its time-out.
        hangs = monotonicMs() - begunMs > waitMs
      }
    }

    const today = Math.floor(now.getTime() / dayMs) * dayMs
    const lastBucket = Math.floor(now.getTime() / latencyBucketMs) * latencyBucketMs
    // The last sums up a month of minutes, and the others need not wait for it.
    await keep('incidents', source.incidents)
    await keep('machines', source.machines)
    await keep('deployments', source.deployments)
    await keep('days', () => source.dailyAvailability({ from: new Date(today - (shownDays - 1) * dayMs), to: now }))
    await keep('latency', () =>
      source.latencyBuckets({ from: new Date(lastBucket - dayMs + latencyBucketMs), to: now }),
    )
    await keep('slo', source.sloReport)
    known = { ...known, unreadableSince: failed ? (before ?? now) : undefined }
  }

  return {
    async read() {
      const nowMs = monotonicMs()
      if (round === undefined && nowMs - lastBegunMs >= roundEveryMs) {
        lastBegunMs = nowMs
        const done = readAll(nowMs).finally(() => {
          round = undefined
        })
        round = { begunMs: nowMs, begunAt: new Date(wallMs()), done }
      }
      if (round === undefined) return known
      const { begunMs, begunAt, done } = round
      const leftMs = begunMs + waitMs - nowMs
      const tooLong = delay(Math.max(0, leftMs), false, { ref: false })
      const isRead = leftMs > 0 && (await Promise.race([done.then(() => true), tooLong]))
      return isRead ? known : { ...known, unreadableSince: known.unreadableSince ?? begunAt }
    },
  }
}
