import type { Observation } from '../observation/observation.ts'
import type { ProbingFacts } from '../report/evidence.ts'
import type { LiveOptions } from './options.ts'
import type { Prober } from './prober.ts'
import type { Schedule, Turn } from './schedule.ts'
import type { SleepWatch } from './sleep-watch.ts'

/** A probe that just ended: what a person watches. */
export interface LastProbe {
  readonly observation: Observation
  readonly sent: number
}

/** With many slow probes the prober would measure itself. */
const inFlightMax = 200
/** Fly looks for idle machines every few minutes. https://fly.io/docs/launch/autostop-autostart/ */
const idleBeforeStopMs = 300_000

/** How many turns the schedule has, and how far apart: several targets take turns within the interval. */
export function turnsOf({ targets, intervalMs, durationMs }: LiveOptions): { stepMs: number; count: number } {
  const rounds = durationMs === undefined ? Number.POSITIVE_INFINITY : Math.round(durationMs / intervalMs)
  return { stepMs: intervalMs / targets.length, count: rounds * targets.length }
}

/**
 * Probes until the schedule is over or the signal aborts; what is still under way then is cut off and says nothing.
 * `onObservation` gets them in the order in which they began, `onProbed` as they end.
 */
export async function runProbes(run: {
  options: LiveOptions
  schedule: Schedule
  prober: Prober
  sleepWatch: SleepWatch
  /** Those to ask by name, one after the other; empty: whichever Fly's proxy chooses. */
  machines: () => readonly string[]
  onObservation: (observation: Observation) => void
  onProbed: (probe: LastProbe) => void
  signal: AbortSignal
}): Promise<ProbingFacts> {
  const { options, schedule, prober, sleepWatch, machines, onObservation, onProbed, signal } = run
  const { targets, intervalMs, timeoutMs, reuse, controlUrl } = options
  const planned = turnsOf(options).count
  /** Our own failure to record or judge: probing on would prove nothing. */
  const failed = new AbortController()
  let inOrder: Promise<unknown> = Promise.resolve()
  let inFlight = 0
  let sent = 0
  let crowdedOut = 0
  let sleptOver = 0
  let late = 0
  let latestMs = 0

  async function probe({ index, dueMs }: Turn): Promise<Observation | undefined> {
    const target = targets[index % targets.length]
    if (target === undefined) return undefined
    const names = machines()
    const machine = names[Math.floor(index / targets.length) % Math.max(names.length, 1)]
    const slept = sleepWatch.begin()
    inFlight += 1
    const observation = await prober.probe({ target, dueMs, ...(machine !== undefined && { machine }) }, signal)
    inFlight -= 1
    if (observation === undefined) return undefined
    if (slept()) {
      sleptOver += 1
      return undefined
    }
    onProbed({ observation, sent })
    return observation
  }

  for await (const turn of schedule.turns(AbortSignal.any([signal, failed.signal]))) {
    if (inFlight >= inFlightMax) {
      crowdedOut += 1
      continue
    }
    sent += 1
    if (turn.lateMs > intervalMs / 10) late += 1
    latestMs = Math.max(latestMs, turn.lateMs)
    const probed = probe(turn)
    // A probe that hangs holds back the record of those after it, never themselves.
    inOrder = Promise.all([inOrder, probed]).then(([, observation]) => {
      if (observation !== undefined) onObservation(observation)
    })
    inOrder.catch(() => failed.abort())
  }
  await inOrder
  const missed = schedule.missed() + crowdedOut + sleptOver
  return {
    intervalMs,
    timeoutMs,
    planned: Number.isFinite(planned) ? planned : sent + schedule.missed() + crowdedOut,
    sent: sent - sleptOver,
    late,
    latestMs: Math.round(latestMs),
    missed,
    reusedConnections: reuse,
    endedEarly: signal.aborted && Number.isFinite(planned),
    keepsAwake: intervalMs < idleBeforeStopMs,
    ...(controlUrl !== undefined && { controlUrl: `${controlUrl.origin}${controlUrl.pathname}` }),
  }
}
