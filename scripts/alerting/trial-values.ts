import type { AlertTrial, TrialSeries } from '../../src/slo/alert-trial.ts'

/**
 * A series of a trial in promtool's notation, from 0 to `untilMs`: `a+bxn` is a value that grows by b n times, `_` none,
 * and `stale` what Prometheus writes when a series is gone.
 */
export function trialValues(trial: AlertTrial, series: TrialSeries, phase: 'fault' | 'below', untilMs: number): string {
  const faultAt = trial.wellMs / trial.stepMs
  const afterAt = faultAt + trial.faultMs / trial.stepMs
  const { well, fault, below = fault, stays = false } = series
  const valueAt = (step: number) => {
    const isWell = step < faultAt || (step >= afterAt && !stays)
    if (isWell) return well
    return phase === 'fault' ? fault : below
  }

  const steps = Array.from({ length: Math.ceil(untilMs / trial.stepMs) + 2 }, (_, step) => step)
  if (series.growing === true) return grown(steps.map((step) => valueAt(step) ?? 0))
  return steps
    .map((step) => {
      const value = valueAt(step)
      if (value !== null) return String(value)
      return step > 0 && valueAt(step - 1) !== null ? 'stale' : '_'
    })
    .reduce(toRuns, [])
    .map(({ text, count }) => {
      if (text === 'stale' || count === 1) return text
      return text === '_' ? `_x${count}` : `${text}+0x${count - 1}`
    })
    .join(' ')
}

interface Run {
  readonly text: string
  readonly count: number
}

function toRuns(runs: readonly Run[], text: string): Run[] {
  const last = runs.at(-1)
  return last?.text === text ? [...runs.slice(0, -1), { text, count: last.count + 1 }] : [...runs, { text, count: 1 }]
}

/** What a step grows by is there at the next one. */
function grown(growth: readonly number[]): string {
  let value = 0
  return growth
    .map(String)
    .reduce(toRuns, [])
    .map(({ text, count }, index, runs) => {
      const begin = index === 0 ? value : value + Number(text)
      const more = index === 0 ? count : count - 1
      value = begin + more * Number(text)
      // The last run would reach beyond the end by one step.
      return `${decimal(begin)}+${text}x${index === runs.length - 1 ? Math.max(more - 1, 0) : more}`
    })
    .join(' ')
}

const decimal = (value: number) => String(Number(value.toFixed(6)))
