import type { CheckRecord } from '../health/check.ts'
import type { FaultWatch, LocalFault } from './local-fault.ts'
import { type MemoryOutlook, type MemorySample, memoryOutlook, samplesKeptMs } from './memory-outlook.ts'

/** Gathers what the memory check reads, and says when it leads to the limit. */
export function createMemoryWatch(options: {
  /** Of the memory check. */
  record: () => CheckRecord | undefined
  monotonicMs: () => number
  lastsMs: number
}): FaultWatch {
  const { record, monotonicMs, lastsMs } = options
  let samples: MemorySample[] = []
  let lastCheckedAt: number | undefined
  let fault: LocalFault | undefined

  return {
    look() {
      const nowMs = monotonicMs()
      const { observedValue: percent, checkedAt } = record() ?? {}
      if (percent !== undefined && checkedAt !== lastCheckedAt) {
        lastCheckedAt = checkedAt
        samples = samples.filter(({ atMs }) => atMs > nowMs - samplesKeptMs(lastsMs))
        samples.push({ atMs: nowMs, percent })
      }
      const found = memoryOutlook(samples, nowMs, lastsMs)
      // A pause in the readings clears nothing.
      if (found === 'unknown') return fault
      fault = found === 'good' ? undefined : faultOf(found)
      return fault
    },
  }
}

function faultOf({ outlook, percent, percentPerMinute }: MemoryOutlook): LocalFault {
  const used = `${percent.toFixed(1)} % of memory is in use`
  const message =
    outlook === 'full'
      ? `${used}, and has been all the time`
      : `${used}, and ${percentPerMinute.toFixed(1)} % more every minute`
  return { code: 'memory_high', message, isLocal: async () => true }
}
