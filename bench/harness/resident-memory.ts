/** How much memory a group of processes holds, each page counted once. Needs Linux. */
import { readFileSync } from 'node:fs'
import { programOf } from './process-figures.ts'

export interface ResidentMemory {
  /** Anonymous and shared pages of all, and each mapped file once. */
  readonly totalMiB: number
  readonly nodeMiB: number
  readonly nginxMiB: number
  /** Shells and what they run. */
  readonly restMiB: number
  /** The most that each ever had, added up: above the peak, since pages that several map count several times. */
  readonly rssPeaksMiB: number
}

/**
 * A mapped file counts with as many pages as the process has that maps most of it. `Pss` would divide the pages of
 * Node's own executable by the processes of this whole machine that run it, of which a machine of Fly's has one.
 * Fields of proc_pid_smaps(5).
 */
export function residentMemory(pids: readonly number[]): ResidentMemory {
  const files = new Map<string, number>()
  const kibibytes = { node: 0, nginx: 0, rest: 0, rssPeaks: 0 }
  for (const pid of pids) {
    const maps = readMaps(pid)
    if (maps === undefined) continue
    let own = maps.anonymous
    for (const [file, resident] of maps.files) {
      own += Math.max(0, resident - (files.get(file) ?? 0))
      files.set(file, Math.max(resident, files.get(file) ?? 0))
    }
    kibibytes[maps.program] += own
    kibibytes.rssPeaks += maps.rssPeak
  }
  const mebibytes = (value: number) => value / 1_024
  return {
    totalMiB: mebibytes(kibibytes.node + kibibytes.nginx + kibibytes.rest),
    nodeMiB: mebibytes(kibibytes.node),
    nginxMiB: mebibytes(kibibytes.nginx),
    restMiB: mebibytes(kibibytes.rest),
    rssPeaksMiB: mebibytes(kibibytes.rssPeaks),
  }
}

interface Maps {
  readonly program: 'node' | 'nginx' | 'rest'
  readonly rssPeak: number
  /** Divided by the processes that share them since a fork. */
  readonly anonymous: number
  /** Resident pages of each file, in KiB. */
  readonly files: ReadonlyMap<string, number>
}

/** Undefined when the process has ended meanwhile. */
function readMaps(pid: number): Maps | undefined {
  try {
    const name = programOf(pid)
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return {
      program: name === 'node' || name === 'nginx' ? name : 'rest',
      rssPeak: kibibytesOf(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmHWM'),
      anonymous: kibibytesOf(rollup, 'Pss_Anon') + kibibytesOf(rollup, 'Pss_Shmem'),
      files: mappedFiles(readFileSync(`/proc/${pid}/smaps`, 'utf8')),
    }
  } catch {
    return undefined
  }
}

function mappedFiles(smaps: string): Map<string, number> {
  const files = new Map<string, number>()
  for (const [, path = '', fields = ''] of smaps.matchAll(mapping)) {
    const kibibytes = kibibytesOf(fields, 'Rss') - kibibytesOf(fields, 'Anonymous')
    files.set(path, (files.get(path) ?? 0) + kibibytes)
  }
  return files
}

function kibibytesOf(fields: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(fields)?.[1])
}

/**
 * Addresses, permissions, offset, device, inode, the path of a file, and the fields up to the next mapping. Shared
 * memory, which is anonymous, has a path too, of /dev or of a file that is gone.
 */
const mapping = /^[\da-f]+-[\da-f]+ \S+ \S+ \S+ \d+ +(\/(?!dev\/)[^\n]*(?<! \(deleted\)))\n((?:[A-Z].*\n)+)/gm
