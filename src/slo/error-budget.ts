/** Good and total events → how much of the promise is left. Pure, and without a clock. */

/** `good` of `total` events; neither is negative, and `good` is at most `total`. */
export interface EventCounts {
  readonly good: number
  readonly total: number
}

/** Share of good events, from 0 to 1; null without an event. */
export function ratio({ good, total }: EventCounts): number | null {
  return total === 0 ? null : good / total
}

/**
 * Share of the allowed bad events that is left: 1 untouched, 0 used up, negative overdrawn; null without an event.
 * A budget counts events and not minutes, so an outage that nobody met costs nothing.
 */
export function budgetRemaining(counts: EventCounts, target: number): number | null {
  const rate = burnRate(counts, target)
  return rate === null ? null : 1 - rate
}

/**
 * How many times faster than allowed bad events came: at 1 the budget lasts for exactly the window of the objective, at
 * 14.4 a window of 30 days is used up in 50 hours ("The Site Reliability Workbook", chapter 5). Null without an event.
 */
export function burnRate({ good, total }: EventCounts, target: number): number | null {
  return total === 0 ? null : (total - good) / total / (1 - target)
}
