import { CheckFailure, type CheckReading } from '../check.ts'
import type { MemoryUsage } from '../resources.ts'
import type { CheckWork } from './check-work.ts'

/** The kernel ends a process at 100 %, and V8 spends its time collecting well before. */
const failPercent = 95
/** Room for one burst: time to look before anything is killed. */
const warnPercent = 85

/** How near is this machine, or V8's heap, to its limit? The nearer of the two decides. */
export function createMemoryCheck(options: {
  machineMemory: () => MemoryUsage
  heapMemory: () => MemoryUsage
}): CheckWork {
  function run(): CheckReading {
    const machinePercent = percentOf(options.machineMemory())
    const heapPercent = percentOf(options.heapMemory())
    const percent = Math.max(machinePercent, heapPercent)
    const reading = { observedValue: percent, observedUnit: 'percent', threshold: failPercent }
    const message =
      heapPercent > machinePercent
        ? `V8 uses ${percent} % of its heap limit`
        : `${percent} % of this machine's memory is in use`
    if (percent >= failPercent) throw new CheckFailure('memory_high', message, reading)
    if (percent >= warnPercent) return { ...reading, degraded: { code: 'memory_high', message } }
    return reading
  }

  return { run }
}

function percentOf({ usedBytes, totalBytes }: MemoryUsage): number {
  return Math.round((usedBytes / totalBytes) * 1_000) / 10
}
