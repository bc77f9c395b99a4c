import type { MemoryUsage } from './resources.ts'

/** Memory of the machine and CPU of the process as of the last sample, so that an answer reads no file. */
export interface MachineSampler {
  memory(): MemoryUsage
  cpuPercent(): number
  stop(): void
}

const intervalMs = 5_000

export function createMachineSampler(readMemory: () => MemoryUsage, sampleCpu: () => number): MachineSampler {
  let memory = readMemory()
  let cpuPercent = sampleCpu()
  const timer = setInterval(() => {
    memory = readMemory()
    cpuPercent = sampleCpu()
  }, intervalMs)
  timer.unref()
  return { memory: () => memory, cpuPercent: () => cpuPercent, stop: () => clearInterval(timer) }
}
