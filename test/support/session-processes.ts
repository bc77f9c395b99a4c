import { readdir, readFile } from 'node:fs/promises'

export interface SessionProcess {
  readonly pid: number
  /** As it calls itself, arguments too; empty for a zombie. */
  readonly command: string
  readonly zombie: boolean
}

/**
 * Every process that a session still has, whoever its parent is by now: orphans, and the dead that a living parent did
 * not reap. The dead that were orphans are left out: they wait for init.
 */
export async function sessionProcesses(session: number): Promise<SessionProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const all = await Promise.all(pids.map(readProcess))
  const found = all.flatMap((each) => (each?.session === session ? [each] : []))
  const members = new Set(found.map(({ process }) => process.pid))
  return found.filter(({ process, parent }) => !process.zombie || members.has(parent)).map(({ process }) => process)
}

/**
 * Undefined when it has gone since it was listed.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: after the name in brackets, state, parent, group, session.
 */
async function readProcess(pid: string) {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim()
    const [state, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const process: SessionProcess = { pid: Number(pid), command, zombie: state === 'Z' }
    return { process, parent: Number(parent), session: Number(session) }
  } catch {
    return undefined
  }
}
