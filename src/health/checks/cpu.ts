import type { CheckReading } from '../check.ts'
import type { CheckWork } from './check-work.ts'

/** Above it no core is left for a burst. Busy is not broken, so this never fails. */
const warnPercent = 90

/** How much of all cores did this process use since the last run? */
export function createCpuCheck(options: { cpuPercent: () => number }): CheckWork {
  function run(): CheckReading {
    const percent = Math.round(options.cpuPercent() * 10) / 10
    const reading = { observedValue: percent, observedUnit: 'percent', threshold: warnPercent }
    if (percent < warnPercent) return reading
    return { ...reading, degraded: { code: 'cpu_high', message: `this process used ${percent} % of the CPU` } }
  }

  return { run }
}
