/**
 * A control group for the processes of one machine: the CPU time of all of them, also of those that ended, and the limits
 * of a small machine. Version 1, for root only: https://docs.kernel.org/admin-guide/cgroup-v1/
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cpuMs, programOf } from './process-figures.ts'

/** Part of one core, and the period in which it may be spent. */
export interface CpuQuota {
  readonly share: number
  readonly periodMs: number
}

export interface CgroupLimits {
  readonly cpu?: CpuQuota
  /** Of all memory, the page cache included; no swap. */
  readonly memoryMiB?: number
}

export interface Cgroup extends Disposable {
  /** A process that writes its id into each of them has joined, and so have those that it starts. */
  readonly joinFiles: readonly string[]
  pids(): number[]
  /** From now on; undefined: as much as there is. */
  throttle(quota: CpuQuota | undefined): void
  /** Milliseconds on a CPU of all that ever ran in it; up to a tick old while one of them runs. */
  cpuMs(): number
  /** All of them stand still while `read` reads, so that their figures are exact. */
  still<Figures>(read: () => Figures): Figures
  /** A line of the memory controller's `memory.stat`, in bytes. */
  memoryStat(name: string): number
  /** A file of the memory controller: one number, or the named one of several lines. */
  memoryFile(file: string, name?: string): number
}

const mountPoint = '/sys/fs/cgroup'
const controllers = ['cpu', 'cpuacct', 'memory', 'freezer'] as const
const patienceMs = 10_000

export function createCgroup({ cpu, memoryMiB }: CgroupLimits = {}): Cgroup {
  const name = `medio-bench-${process.pid}-${performance.now()}`
  const path = (controller: (typeof controllers)[number], file = '') => join(mountPoint, controller, name, file)
  for (const controller of controllers) {
    if (!existsSync(join(mountPoint, controller, 'cgroup.procs'))) {
      throw new Error(
        `${mountPoint}/${controller} is missing; mount the cgroup v1 controllers ${controllers.join(', ')}`,
      )
    }
    mkdirSync(path(controller))
  }
  function throttle(quota: CpuQuota | undefined): void {
    if (quota !== undefined) writeFileSync(path('cpu', 'cpu.cfs_period_us'), String(quota.periodMs * 1_000))
    const quotaUs = quota === undefined ? -1 : Math.round(quota.periodMs * quota.share * 1_000)
    writeFileSync(path('cpu', 'cpu.cfs_quota_us'), String(quotaUs))
  }
  throttle(cpu)
  if (memoryMiB !== undefined) {
    // In this order: memory and swap together may not be less than memory.
    for (const file of ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes']) {
      writeFileSync(path('memory', file), String(memoryMiB * 1_048_576))
    }
    writeFileSync(path('memory', 'memory.swappiness'), '0')
  }

  const pids = () => readFileSync(path('cpuacct', 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
  const spentMs = () => Number(readFileSync(path('cpuacct', 'cpuacct.usage'), 'utf8')) / 1e6
  const state = (wanted: 'FROZEN' | 'THAWED') => {
    const file = path('freezer', 'freezer.state')
    const deadlineMs = performance.now() + patienceMs
    do {
      if (performance.now() > deadlineMs) throw new Error(`${file} is not ${wanted} after ${patienceMs} ms`)
      // Again and again: a process that was being forked makes the kernel's first attempt end halfway.
      writeFileSync(file, wanted)
    } while (readFileSync(file, 'utf8').trim() !== wanted)
  }

  function end(): void {
    process.removeListener('exit', end)
    throttle(undefined)
    // Frozen, so that none is born while the others are told to end.
    state('FROZEN')
    for (const pid of pids()) process.kill(pid, 'SIGKILL')
    state('THAWED')
    const deadlineMs = performance.now() + patienceMs
    while (pids().length > 0) {
      if (performance.now() > deadlineMs) throw new Error(`processes ${pids().join(', ')} do not end`)
      sleep(1)
    }
    for (const controller of controllers) rmdirSync(path(controller))
  }
  process.once('exit', end)

  return {
    joinFiles: controllers.map((controller) => path(controller, 'cgroup.procs')),
    pids,
    throttle,
    cpuMs: spentMs,
    still(read) {
      state('FROZEN')
      try {
        return read()
      } finally {
        state('THAWED')
      }
    },
    memoryStat: (line) => namedNumber(path('memory', 'memory.stat'), line),
    memoryFile: (file, line) => namedNumber(path('memory', file), line),
    [Symbol.dispose]: end,
  }
}

/** Of the processes that run this program now, each since its own start. */
export function cpuMsOf(cgroup: Cgroup, program: string): number {
  const running = cgroup.pids().filter((pid) => programOf(pid) === program)
  return running.reduce((sum, pid) => sum + cpuMs(pid), 0)
}

function namedNumber(path: string, name?: string): number {
  const text = readFileSync(path, 'utf8')
  const value = name === undefined ? text : new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]
  if (value === undefined) throw new Error(`${path} has no line ${name}`)
  return Number(value)
}

/** Blocks: this also runs while the process exits, when nothing that waits would come back. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
