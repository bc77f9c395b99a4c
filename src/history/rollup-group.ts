import { isEvidence, isOk, type Observation } from '../observation/observation.ts'
import { startKind } from '../observation/start-kind.ts'
import { addToHistogram, bucketOf, type LogHistogram } from '../statistics/log-histogram.ts'

/** What is counted of the observations of one stretch of time. */
export interface RollupCounts {
  count: number
  ok: number
  /** Waited for a cold start or a resume. */
  cold: number
  /** Of answers; undefined when there is none. */
  maxMs: number | undefined
  /** Of answers: how long nobody answered is the prober's patience and no latency. */
  readonly histogram: LogHistogram
}

export interface RollupGroup extends RollupCounts {
  /** Unix minutes. */
  readonly minute: number
  readonly target: string
  readonly source: string
  /** Empty: not known. */
  readonly region: string
}

/** A group as it waits in the database: minute, target, source, region, count, ok, cold, maxMs, bucket, its count, … */
export type PackedGroup = readonly [number, string, string, string, number, number, number, number | null, ...number[]]

export const emptyCounts = (): RollupCounts => ({ count: 0, ok: 0, cold: 0, maxMs: undefined, histogram: new Map() })

export function addCounts(to: RollupCounts, { count, ok, cold, maxMs, histogram }: Readonly<RollupCounts>): void {
  to.count += count
  to.ok += ok
  to.cold += cold
  to.maxMs = greatest(to.maxMs, maxMs)
  for (const [bucket, times] of histogram) addToHistogram(to.histogram, bucket, times)
}

/** Observations by minute, target, source and region. A prober without a network told nothing of its target. */
export function groupByMinute(observations: readonly Observation[]): RollupGroup[] {
  const groups = new Map<string, RollupGroup>()
  for (const observation of observations) {
    if (!isEvidence(observation)) continue
    const { target, source, region = '' } = observation
    // To the minute; the form of `at` is fixed.
    const minuteText = observation.at.slice(0, 16)
    const key = `${minuteText}\0${target}\0${source}\0${region}`
    let group = groups.get(key)
    if (group === undefined) {
      const minute = Date.parse(`${minuteText}Z`) / 60_000
      group = { minute, target, source, region, ...emptyCounts() }
      groups.set(key, group)
    }
    addObservation(group, observation)
  }
  return [...groups.values()]
}

function addObservation(group: RollupCounts, observation: Observation): void {
  group.count += 1
  if (isOk(observation)) group.ok += 1
  if (observation.statusCode === undefined) return
  const kind = startKind(observation)
  if (kind === 'cold' || kind === 'resume') group.cold += 1
  group.maxMs = greatest(group.maxMs, observation.durationMs)
  addToHistogram(group.histogram, bucketOf(observation.durationMs))
}

export function packGroup(group: RollupGroup): PackedGroup {
  const { minute, target, source, region, count, ok, cold, maxMs = null, histogram } = group
  const buckets: number[] = []
  for (const [bucket, times] of histogram) buckets.push(bucket, times)
  return [minute, target, source, region, count, ok, cold, maxMs, ...buckets]
}

export function unpackGroup(packed: PackedGroup): RollupGroup {
  const [minute, target, source, region, count, ok, cold, maxMs, ...buckets] = packed
  const histogram: LogHistogram = new Map()
  for (let index = 0; index < buckets.length; index += 2) {
    addToHistogram(histogram, buckets[index] as number, buckets[index + 1] as number)
  }
  return { minute, target, source, region, count, ok, cold, maxMs: maxMs ?? undefined, histogram }
}

export function greatest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b
  return b === undefined ? a : Math.max(a, b)
}
