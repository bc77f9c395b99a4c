import { posix } from 'node:path'
import type { Rule } from '../rule.ts'

/** `DATA_DIR` lies on a mount, or on a root disk that Fly keeps (`persist_rootfs`). */
export const dataDir: Rule = {
  name: 'data-dir',
  why: 'Fly makes the root disk anew at every restart, deploy and stop, and what was not sent yet is lost with it',
  check({ fly, config, environment }) {
    const at = environment.get('DATA_DIR')?.at ?? fly.at('vm')
    if (!posix.isAbsolute(config.dataDir)) {
      const what = `DATA_DIR is ${config.dataDir}, relative to wherever the process is started`
      return [{ at, what, next: 'Set it to a path from the root, such as /data' }]
    }
    const isMounted = (fly.values.mounts ?? []).some(({ destination }) => isWithin(config.dataDir, destination))
    const isKept = (fly.values.vm ?? []).some(({ persist_rootfs: kept }) => kept === 'restart' || kept === 'always')
    if (isMounted || isKept) return []
    const what = `DATA_DIR ${config.dataDir} is on no mount, and the root disk is not kept`
    const next = `Add [[mounts]] with destination = "${config.dataDir}", or persist_rootfs = "restart" to [[vm]]`
    return [{ at: fly.at('vm'), what, next }]
  },
}

function isWithin(path: string, directory: string): boolean {
  const way = posix.relative(directory, path)
  return way !== '..' && !way.startsWith('../')
}
