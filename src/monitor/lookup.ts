import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** Older than this, a lookup is likely lost with its packet, and another may fare better. */
const staleMs = 2_000
const runningMax = 3

type Answer = { readonly addresses: readonly LookupAddress[] } | { readonly error: NodeJS.ErrnoException }

type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

interface Running {
  readonly sinceMs: number
  readonly waiting: ((answer: Answer) => void)[]
}

/**
 * The system's resolver, as every client uses it, asked once for probes that wait for the same name: a lookup can't be
 * cancelled and holds one of libuv's four threads, up to half a minute while DNS is gone. One per probe would pile up
 * behind each other, and the first probes after the outage would still fail. Nothing is kept once it is answered.
 * https://nodejs.org/api/dns.html#implementation-considerations
 */
export function createLookup(monotonicMs: () => number, resolve: Resolve = systemLookup): LookupFunction {
  const runningByName = new Map<string, Running[]>()

  function begin(key: string, hostname: string, options: LookupAllOptions): Running {
    const running: Running = { sinceMs: monotonicMs(), waiting: [] }
    const all = runningByName.get(key) ?? []
    runningByName.set(key, [...all, running])
    resolve(hostname, options, (error, addresses) => {
      const left = (runningByName.get(key) ?? []).filter((each) => each !== running)
      if (left.length === 0) runningByName.delete(key)
      else runningByName.set(key, left)
      const answer = error === null ? { addresses } : { error }
      for (const tell of running.waiting) tell(answer)
    })
    return running
  }

  return (hostname, options, callback) => {
    const key = JSON.stringify([hostname, options.family, options.hints, options.order])
    const all = runningByName.get(key) ?? []
    const newest = all.at(-1)
    const joins = newest !== undefined && (all.length >= runningMax || monotonicMs() - newest.sinceMs < staleMs)
    const running = joins ? newest : begin(key, hostname, { ...options, all: true })
    running.waiting.push((answer) => {
      if ('error' in answer) return callback(answer.error, '')
      if (options.all === true) return callback(null, [...answer.addresses])
      const [first] = answer.addresses
      callback(null, first?.address ?? '', first?.family)
    })
  }
}
