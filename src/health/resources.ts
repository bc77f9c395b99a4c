/** What this machine has and uses: memory of the cgroup or VM, never of the host; CPU of this process. */
import { readFileSync } from 'node:fs'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { getHeapStatistics } from 'node:v8'

export interface MemoryUsage {
  readonly usedBytes: number
  readonly totalBytes: number
}

/**
 * A function that reads the memory of this machine. `constrainedBytes` is `process.constrainedMemory()`, which knows
 * both cgroup versions and answers 0 or a number beyond any memory where there is no limit.
 */
export function createMemoryReader(
  options: { procRoot?: string; cgroupRoot?: string; constrainedBytes?: number } = {},
): () => MemoryUsage {
  const { procRoot = '/proc', cgroupRoot = '/sys/fs/cgroup', constrainedBytes = process.constrainedMemory() } = options
  const machine = () => readMeminfo(procRoot) ?? { usedBytes: totalmem() - freemem(), totalBytes: totalmem() }
  if (constrainedBytes <= 0 || constrainedBytes >= machine().totalBytes) return machine
  const cgroup = findCgroup(procRoot, cgroupRoot, constrainedBytes)
  // Without the cgroup's own figure this process' share is the nearest truth; the host's would be another machine's.
  return () => ({
    usedBytes: (cgroup && readCgroup(cgroup)) ?? process.memoryUsage.rss(),
    totalBytes: constrainedBytes,
  })
}

/** Memory of V8's heap against the limit at which V8 ends the process. */
export function readHeapMemory(): MemoryUsage {
  const { used_heap_size, heap_size_limit } = getHeapStatistics()
  return { usedBytes: used_heap_size, totalBytes: heap_size_limit }
}

/** A function that tells the CPU of this process since the last call (or its making), in percent of all cores. */
export function createCpuSampler(
  options: { cpuUsage?: () => NodeJS.CpuUsage; monotonicMs?: () => number; cores?: number } = {},
): () => number {
  const {
    cpuUsage = () => process.cpuUsage(),
    monotonicMs = () => performance.now(),
    cores = availableParallelism(),
  } = options
  let lastCpuMs = totalCpuMs(cpuUsage())
  let lastAtMs = monotonicMs()
  let percent = 0
  return () => {
    const atMs = monotonicMs()
    // The counters move in steps of a clock tick: over less than a millisecond they say nothing.
    if (atMs - lastAtMs < 1) return percent
    const cpuMs = totalCpuMs(cpuUsage())
    percent = ((cpuMs - lastCpuMs) / (atMs - lastAtMs) / cores) * 100
    lastCpuMs = cpuMs
    lastAtMs = atMs
    return percent
  }
}

function totalCpuMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000
}

/** proc(5): `MemAvailable` counts what the kernel can take back, which `MemFree` does not. */
function readMeminfo(procRoot: string): MemoryUsage | undefined {
  const text = readText(join(procRoot, 'meminfo'))
  const totalKb = numberAfter('MemTotal:', text)
  const availableKb = numberAfter('MemAvailable:', text)
  if (totalKb === undefined || availableKb === undefined) return undefined
  return { usedBytes: (totalKb - availableKb) * 1_024, totalBytes: totalKb * 1_024 }
}

/** File names of the two versions (kernel: admin-guide/cgroup-v2, cgroup-v1/memory). */
const versions = {
  v2: { limit: 'memory.max', usage: 'memory.current', inactive: 'inactive_file' },
  v1: { limit: 'memory.limit_in_bytes', usage: 'memory.usage_in_bytes', inactive: 'total_inactive_file' },
} as const

interface Cgroup {
  readonly directory: string
  readonly version: keyof typeof versions
}

/**
 * The cgroup whose limit holds: the outermost that is as tight as `constrainedBytes`, since the others count in it; or
 * else this process' own (there is also `memory.high`). In a container the path may be the host's: only the root is seen.
 */
function findCgroup(procRoot: string, cgroupRoot: string, constrainedBytes: number): Cgroup | undefined {
  const lines = readText(join(procRoot, 'self/cgroup')).split('\n')
  const ownPath = (pattern: RegExp) => lines.map((line) => pattern.exec(line)?.[1]).find((path) => path !== undefined)
  // A machine in hybrid mode has both; the memory controller is where it is named.
  const v1Path = ownPath(/^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/)
  const version = v1Path === undefined ? 'v2' : 'v1'
  const root = version === 'v1' ? join(cgroupRoot, 'memory') : cgroupRoot
  const path = v1Path ?? ownPath(/^0::(.*)$/) ?? '/'
  const readable = ancestors(path)
    .map((each) => ({ directory: join(root, each), version }) as const)
    .filter((cgroup) => readCgroup(cgroup) !== undefined)
  const limitOf = (cgroup: Cgroup) => numberAfter('', readText(join(cgroup.directory, versions[version].limit)))
  return readable.findLast((cgroup) => (limitOf(cgroup) ?? Number.POSITIVE_INFINITY) <= constrainedBytes) ?? readable[0]
}

/** `/a/b` → `/a/b`, `/a`, `/`. */
function ancestors(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [path] : [path, ...ancestors(parent)]
}

/** Usage without the file cache that the kernel drops before it runs out: what `docker stats` and kubelet report too. */
function readCgroup({ directory, version }: Cgroup): number | undefined {
  const { usage, inactive } = versions[version]
  const usedBytes = numberAfter('', readText(join(directory, usage)))
  if (usedBytes === undefined) return undefined
  const inactiveBytes = numberAfter(`${inactive} `, readText(join(directory, 'memory.stat'))) ?? 0
  return Math.max(0, usedBytes - inactiveBytes)
}

function numberAfter(label: string, text: string): number | undefined {
  const digits = new RegExp(`^${label}\\s*(\\d+)`, 'm').exec(text)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Empty when there is no such file: on another system, or where the kernel hides it. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
