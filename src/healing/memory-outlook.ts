/**
 * Is memory on its way to the limit? Pure. Judged by its floor, the least of each short segment of time: what a
 * collection of garbage takes back is no fault, what stays behind after each one is.
 */
export interface MemorySample {
  /** Monotonic milliseconds. */
  readonly atMs: number
  /** Of the limit of this machine or of V8's heap, whichever is nearer. */
  readonly percent: number
}

/** full: at the limit all the time. filling: high, and the limit is near at this rate. */
export interface MemoryOutlook {
  readonly outlook: 'full' | 'filling'
  /** Of the floor, now. */
  readonly percent: number
  readonly percentPerMinute: number
}

/** The memory check fails from here on. */
const fullPercent = 95
/** Below it there is room for whatever comes; the memory check warns from here on. */
const highPercent = 85
/** A rise is measured over this many times `lastsMs`, and the limit must be as near: 5 minutes each by default. */
const trendShare = 2.5
/** 30 seconds each by default: six samples, and more than the pause between two collections under load. */
const segmentsPerTrend = 10
/** How often within `lastsMs` it must have looked the same, its begin and its end among them. */
const looks = 5

/** For how long samples are of use. */
export const samplesKeptMs = (lastsMs: number) => lastsMs * (trendShare + 1)

/** `lastsMs`: how long it must look so before it is said. unknown: too few samples of that time to say anything. */
export function memoryOutlook(
  samples: readonly MemorySample[],
  nowMs: number,
  lastsMs: number,
): MemoryOutlook | 'good' | 'unknown' {
  const trendMs = lastsMs * trendShare
  const outlookOf = (outlook: MemoryOutlook['outlook'], { percent, risePerMs }: Trend) => ({
    ...{ outlook, percent, percentPerMinute: risePerMs * 60_000 },
  })

  const recent = trend(samples, nowMs - lastsMs, nowMs, segmentsPerTrend / trendShare)
  if (recent === undefined) return 'unknown'
  if (recent.leastPercent >= fullPercent) return outlookOf('full', recent)

  const isFilling = (endMs: number) => {
    const found = trend(samples, endMs - trendMs, endMs, segmentsPerTrend)
    if (found === undefined || found.percent < highPercent || found.risePerMs <= 0) return undefined
    return (100 - found.percent) / found.risePerMs <= trendMs ? found : undefined
  }
  const found = Array.from({ length: looks }, (_, look) => isFilling(nowMs - (lastsMs * look) / (looks - 1)))
  const [now] = found
  return now !== undefined && found.every((each) => each !== undefined) ? outlookOf('filling', now) : 'good'
}

interface Trend {
  /** Of the floor, at the end and at its lowest. */
  readonly percent: number
  readonly leastPercent: number
  readonly risePerMs: number
}

/** Undefined without samples at both ends and in half of the segments: a process that slept has no past to judge by. */
function trend(samples: readonly MemorySample[], fromMs: number, toMs: number, segments: number): Trend | undefined {
  const floor: (MemorySample | undefined)[] = Array(segments).fill(undefined)
  for (const sample of samples) {
    if (sample.atMs <= fromMs || sample.atMs > toMs) continue
    const index = Math.ceil(((sample.atMs - fromMs) / (toMs - fromMs)) * segments) - 1
    const least = floor[index]
    if (least === undefined || sample.percent < least.percent) floor[index] = sample
  }
  const known = floor.filter((sample) => sample !== undefined)
  const now = floor.at(-1)
  if (floor[0] === undefined || now === undefined || known.length < segments / 2) return undefined
  const leastPercent = Math.min(...known.map(({ percent }) => percent))
  const risePerMs = medianSlope(known)
  return { percent: now.percent + risePerMs * (toMs - now.atMs), leastPercent, risePerMs }
}

/**
 * Theil–Sen: the median of the slopes between all pairs. Up to 29 % of the points may be anything, as in a burst, and
 * it stays what the others say. P. K. Sen, Journal of the American Statistical Association 63 (1968), 1379–1389.
 */
function medianSlope(points: readonly MemorySample[]): number {
  const slopes = points
    .flatMap((a, index) => points.slice(index + 1).map((b) => (b.percent - a.percent) / (b.atMs - a.atMs)))
    .sort((a, b) => a - b)
  const upper = slopes[Math.floor(slopes.length / 2)] ?? 0
  const lower = slopes[Math.ceil(slopes.length / 2) - 1] ?? upper
  return (lower + upper) / 2
}
