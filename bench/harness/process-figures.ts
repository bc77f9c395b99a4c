/** What the kernel knows about a process. Needs Linux. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/**
 * Milliseconds on a CPU, all threads together: the first field of each thread's schedstat, in nanoseconds
 * (kernel documentation, scheduler/sched-stats). Exact while the process sleeps, at most a tick behind while it runs.
 */
export function cpuMs(pid: number): number {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0])
  }
  return nanoseconds / 1e6
}

/** The name of its executable, since Node.js calls its main thread otherwise; undefined when it has ended. */
export function programOf(pid: number): string | undefined {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`))
  } catch {
    return undefined
  }
}

export function rssMiB(pid: number): number {
  return kibibytes(`/proc/${pid}/status`, 'VmRSS') / 1024
}

/** Resident memory with each shared page divided by the number of processes that map it. */
export function pssMiB(pid: number): number {
  return kibibytes(`/proc/${pid}/smaps_rollup`, 'Pss') / 1024
}

function kibibytes(path: string, field: string): number {
  const line = readFileSync(path, 'utf8').match(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm'))
  if (line === null) throw new Error(`${path} has no ${field}; the process may have ended`)
  return Number(line[1])
}

/**
 * Connections that a process of this machine holds open to a port of loopback, as its own side sees them: a proxy that
 * does not read learns too late that they were given up. Fields of proc_pid_net(5); state 01 is ESTABLISHED.
 */
export function connectionsTo(port: number): number {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const row = new RegExp(`^ *\\d+: [0-9A-F]+:([0-9A-F]{4}) 0100007F:${hexPort} 01 `, 'gm')
  // By local port: the table is read in pieces, and a row may come twice when others come and go in between.
  return new Set(Array.from(readFileSync('/proc/net/tcp', 'latin1').matchAll(row), (match) => match[1])).size
}
