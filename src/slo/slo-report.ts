/** Totals by window → what `/api/slo` and the status page say. Pure: the instant is an argument. */
import type { SloObjective } from '../telemetry/metric-definitions.ts'
import { type BurnWindow, burnWindows } from './burn-windows.ts'
import { budgetRemaining, burnRate, type EventCounts, ratio } from './error-budget.ts'
import type { ObjectiveTotals, TimeWindow } from './objective-totals.ts'
import { objectives, windowDays } from './objectives.ts'

export interface ObjectiveReport extends EventCounts {
  readonly name: SloObjective
  readonly target: number
  readonly windowDays: number
  /** From 0 to 1; null without an event. */
  readonly ratio: number | null
  /** 1 untouched, 0 used up, negative overdrawn; null without an event. */
  readonly budgetRemaining: number | null
  /** Whether the events of the window can carry a conclusion. */
  readonly enoughData: boolean
  readonly burnRates: readonly { readonly window: BurnWindow; readonly rate: number | null; readonly events: number }[]
}

export interface SloReport {
  /** ISO 8601: the end of every window. */
  readonly asOf: string
  readonly objectives: readonly ObjectiveReport[]
}

const windowMs = windowDays * 86_400_000

/** What must be read for a report: the window of the objectives, then those of the burn rates. */
export function sloWindows(asOf: Date): TimeWindow[] {
  return [windowMs, ...burnWindows.map(({ durationMs }) => durationMs)].map((durationMs) => ({
    from: new Date(asOf.getTime() - durationMs),
    to: asOf,
  }))
}

/** `totals`: what was read for `sloWindows(asOf)`, in its order. */
export function buildSloReport(asOf: Date, totals: readonly (readonly ObjectiveTotals[])[]): SloReport {
  const countsOf = (index: number, name: SloObjective): EventCounts => {
    const found = totals[index]?.find(({ objective }) => objective === name)
    return { good: found?.good ?? 0, total: found?.total ?? 0 }
  }
  return {
    asOf: asOf.toISOString(),
    objectives: objectives.map(({ name, target, minimumEvents }) => {
      const counts = countsOf(0, name)
      return {
        name,
        target,
        windowDays,
        ...counts,
        ratio: rounded(ratio(counts)),
        budgetRemaining: rounded(budgetRemaining(counts, target)),
        enoughData: counts.total >= minimumEvents,
        burnRates: burnWindows.map(({ name: window }, index) => {
          const inWindow = countsOf(index + 1, name)
          return { window, rate: rounded(burnRate(inWindow, target)), events: inWindow.total }
        }),
      }
    }),
  }
}

/** 1 - 0.999 is not 0.001 in floating point, and a burn rate of 1 must not read as 0.9999999999999991. */
function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toFixed(9))
}
