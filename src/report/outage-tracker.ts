/** Intervals of badness: each from the last good to the first bad probe, and from the last bad to the first good one. */
import { isOk, type Observation } from '../observation/observation.ts'
import { type BoundedCounts, createBoundedCounts } from './bounded-counts.ts'
import { faultCodes } from './fault-codes.ts'
import type { Outage, Outages } from './report.ts'

const mostListed = 200

interface OpenOutage {
  readonly lastGoodAt: string | null
  readonly firstBadAt: string
  lastBadAt: string
  probes: number
  readonly codes: BoundedCounts
  readonly restarts: Set<string>
}

export interface OutageTracker {
  add(observation: Observation): void
  /** A new process of a machine showed itself in the observation that is added next. */
  noteRestart(machine: string): void
  /** So far; one that lasts is among them. */
  outages(): Outages
}

export function createOutageTracker(): OutageTracker {
  const listed: Outage[] = []
  let [count, leastMs, mostMs] = [0, 0, 0]
  let lastGoodAt: string | null = null
  let open: OpenOutage | undefined
  let restarted: string[] = []

  function close(firstGoodAt: string): void {
    if (open === undefined) return
    const outage = outageOf(open, firstGoodAt)
    count += 1
    leastMs += outage.leastMs
    mostMs += outage.mostMs
    list(outage)
    open = undefined
  }

  /** In their order; once they are too many, the longest. */
  function list(outage: Outage): void {
    if (listed.length === mostListed) {
      const shortest = listed.reduce(
        (least, { mostMs: ms }, index) => (ms < (listed[least]?.mostMs ?? 0) ? index : least),
        0,
      )
      if ((listed[shortest]?.mostMs ?? 0) >= outage.mostMs) return
      listed.splice(shortest, 1)
    }
    listed.push(outage)
  }

  return {
    add(observation) {
      const { at } = observation
      if (isOk(observation)) {
        // The first good answer is often the one that shows the restart.
        for (const machine of restarted) open?.restarts.add(machine)
        close(at)
        lastGoodAt = at
      } else {
        open ??= {
          lastGoodAt,
          firstBadAt: at,
          lastBadAt: at,
          probes: 0,
          codes: createBoundedCounts(),
          restarts: new Set(),
        }
        open.lastBadAt = at
        open.probes += 1
        for (const machine of restarted) open.restarts.add(machine)
        for (const code of faultCodes(observation)) open.codes.add(code)
      }
      restarted = []
    },
    noteRestart(machine) {
      restarted.push(machine)
    },
    outages() {
      if (open === undefined) return { count, leastMs, mostMs, listed: [...listed] }
      const last = outageOf(open, null)
      return {
        ...{ count: count + 1, leastMs: leastMs + last.leastMs, mostMs: mostMs + last.mostMs },
        // The one that lasts is what somebody must see.
        listed: [...listed, last],
      }
    },
  }
}

function outageOf({ codes, restarts, ...interval }: OpenOutage, firstGoodAt: string | null): Outage {
  const { lastGoodAt, firstBadAt, lastBadAt } = interval
  return {
    ...interval,
    firstGoodAt,
    leastMs: spanMs(firstBadAt, lastBadAt),
    mostMs: spanMs(lastGoodAt ?? firstBadAt, firstGoodAt ?? lastBadAt),
    codes: codes.listed(),
    restarts: [...restarts],
  }
}

/** Never negative, by a clock that was set back. */
const spanMs = (from: string, to: string): number => Math.max(0, Date.parse(to) - Date.parse(from))
