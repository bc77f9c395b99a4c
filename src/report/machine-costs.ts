/** What machines on Fly cost: prices and counts in, dollars per month out. */

export interface MachinePrices {
  readonly sharedCpuUsd: number
  readonly memoryGbUsd: number
  /** By Fly's code of the region; multiplies both of the above. */
  readonly regionFactor: Readonly<Record<string, number>>
}

export interface MachineSize {
  readonly region: string
  readonly sharedCpus: number
  readonly memoryGb: number
}

export interface Scaling {
  readonly machines: number
  readonly minRunning: number
  readonly autoStop: 'off' | 'stop' | 'suspend'
}

/** Of one machine that runs all month. */
export function runningUsd(prices: MachinePrices, { region, sharedCpus, memoryGb }: MachineSize): number {
  const factor = prices.regionFactor[region]
  if (factor === undefined) {
    throw new Error(`no price for the region ${region}; add its regionFactor to ops/fly-prices.json`)
  }
  return (sharedCpus * prices.sharedCpuUsd + memoryGb * prices.memoryGbUsd) * factor
}

/** How many machines run while nobody asks. */
export function runningWhenIdle({ machines, minRunning, autoStop }: Scaling): number {
  return autoStop === 'off' ? machines : Math.min(minRunning, machines)
}

/** Of all machines: `idleUsd` when nobody asks all month, `busyUsd` when each of them always has work. */
export function monthUsd(
  scaling: Scaling,
  machine: { readonly runningUsd: number; readonly stoppedUsd: number },
): { readonly idleUsd: number; readonly busyUsd: number } {
  const running = runningWhenIdle(scaling)
  return {
    idleUsd: running * machine.runningUsd + (scaling.machines - running) * machine.stoppedUsd,
    busyUsd: scaling.machines * machine.runningUsd,
  }
}
