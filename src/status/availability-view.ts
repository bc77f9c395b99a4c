import type { DailyAvailability } from '../history/daily-availability.ts'
import { wilsonInterval } from '../statistics/wilson-interval.ts'
import { shareText } from './share-text.ts'

/** `none`: no outside probe; `all` answered well; `most`: at least 99 %; `less` otherwise. */
export type DayLevel = 'none' | 'all' | 'most' | 'less'

export interface DayView {
  /** `YYYY-MM-DD`, in UTC. */
  readonly day: string
  readonly level: DayLevel
  readonly count: number
  readonly failed: number
  /** `no data`, or a share such as `99.95 %`. */
  readonly text: string
}

export interface AvailabilityView {
  /** Oldest first, one for each day. */
  readonly days: readonly DayView[]
  readonly daysWithData: number
  readonly count: number
  readonly failed: number
  /** Undefined without a probe. */
  readonly share: string | undefined
  /** What so many probes prove: the shares that they agree with at 95 % confidence. */
  readonly between: readonly [low: string, high: string] | undefined
}

const dayMs = 86_400_000
/** A day with a hundredth of its probes failed had 14 minutes of it. */
const mostShare = 0.99

export function availabilityView(
  known: readonly DailyAvailability[],
  dayCount: number,
  nowMs: number,
): AvailabilityView {
  const byDay = new Map(known.map((each) => [each.day, each]))
  const today = Math.floor(nowMs / dayMs)
  const days = Array.from({ length: dayCount }, (_, index) => {
    const day = new Date((today - dayCount + 1 + index) * dayMs).toISOString().slice(0, 10)
    return dayView(day, byDay.get(day))
  })
  const count = days.reduce((sum, day) => sum + day.count, 0)
  const failed = days.reduce((sum, day) => sum + day.failed, 0)
  const interval = wilsonInterval(count - failed, count)
  return {
    days,
    daysWithData: days.filter(({ level }) => level !== 'none').length,
    count,
    failed,
    share: count === 0 ? undefined : shareText((count - failed) / count),
    between: interval === null ? undefined : [shareText(interval.low), shareText(interval.high)],
  }
}

function dayView(day: string, { count, ok }: Omit<DailyAvailability, 'day'> = { count: 0, ok: 0 }): DayView {
  if (count === 0) return { day, level: 'none', count: 0, failed: 0, text: 'no data' }
  const share = ok / count
  const level = ok === count ? 'all' : share >= mostShare ? 'most' : 'less'
  return { day, level, count, failed: count - ok, text: shareText(share) }
}
