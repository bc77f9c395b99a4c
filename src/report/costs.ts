/** What the profiles cost a month, and what the probing itself adds, by the dated prices of ops/fly-prices.json. */
import prices from '../../ops/fly-prices.json' with { type: 'json' }
import { deployShapes, machineSize } from './deploy-shapes.ts'
import { monthUsd, runningUsd, type Scaling } from './machine-costs.ts'
import type { Costs } from './report.ts'
import { counted, inTime, inWords } from './wording.ts'

/** Fly's proxy looks for machines to stop "every few minutes" (https://fly.io/docs/reference/fly-proxy-autostop-autostart/). */
export const awakeAfterRequestMs = 300_000
/** Fly bills a month of 30 days. */
const monthMs = 30 * 86_400_000

export interface CostFacts {
  /** As often as they were seen. */
  readonly regions: readonly string[]
  /** Starts and resumes that a request waited for. */
  readonly wakes: number
  readonly intervalMs: number | undefined
  /** By the machines' own count, in this run. */
  readonly runningSeconds: number | undefined
}

export function costs({ regions, wakes, intervalMs, runningSeconds }: CostFacts): Costs {
  const { machine, assumed, rootGb, readOn } = prices
  const factors: Readonly<Record<string, number>> = machine.regionFactor
  const priced = regions.find((region) => factors[region] !== undefined)
  const region = priced ?? 'iad'
  const each = {
    runningUsd: runningUsd(machine, { region, ...machineSize }),
    stoppedUsd: assumed.rootGb * rootGb.usd,
  }
  const rows = deployShapes.map(({ name, ...shape }) => {
    const scaling = { machines: assumed.machines, ...shape }
    const { idleUsd, busyUsd } = monthUsd(scaling, each)
    const probedUsd = intervalMs === undefined ? null : idleUsd + awakeUsd(scaling, intervalMs, each)
    return { profile: name, idleUsd, probedUsd, busyUsd }
  })
  const size = `${machineSize.sharedCpus} shared CPU, ${inWords(machineSize.memoryGb * 1_024)} MB`
  const wakeUsd = (wakes * awakeAfterRequestMs * each.runningUsd) / monthMs
  const notes = [
    priced === undefined ? 'No machine told a region with a known price: iad is assumed.' : '',
    `${counted(assumed.machines, 'machine')} of ${size} in ${region}; databases, volumes and traffic are not in it.`,
    `This run woke a machine ${counted(wakes, 'time')}; up for ${inTime(awakeAfterRequestMs)} each, that is ${fine(wakeUsd)}.`,
    runningSeconds === undefined
      ? 'How long machines ran was not counted: give --metrics URL.'
      : `By their own count machines ran for ${inTime(runningSeconds * 1_000)} in this run.`,
  ]
  return {
    ...{ pricesReadOn: readOn, region, machine: size, wakes, rows },
    notes: notes.filter((note) => note !== ''),
  }
}

/** Added by a probe at this interval, where nothing else keeps a machine up. */
function awakeUsd(
  { minRunning, autoStop }: Scaling,
  intervalMs: number,
  machine: { readonly runningUsd: number; readonly stoppedUsd: number },
): number {
  if (autoStop === 'off' || minRunning > 0) return 0
  return Math.min(1, awakeAfterRequestMs / intervalMs) * (machine.runningUsd - machine.stoppedUsd)
}

/** A single start costs far less than a cent. */
const fine = (usd: number): string => `$${usd === 0 ? '0' : Number(usd.toPrecision(2))}`
