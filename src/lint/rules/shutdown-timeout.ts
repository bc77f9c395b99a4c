import { allNamed } from '../nginx-conf.ts'
import { nginxTimeMs } from '../nginx-units.ts'
import type { Rule } from '../rule.ts'
import { stopDeadlines } from '../stop-deadlines.ts'

/** nginx ends its last requests (`worker_shutdown_timeout`) before the step of Node's stop that waits for it is over. */
export const shutdownTimeout: Rule = {
  name: 'shutdown-timeout',
  why: 'Node closes under the requests that nginx still carries, and their callers get 502',
  check({ nginx, config }) {
    const step = stopDeadlines(config.drainDelayMs).find(({ name }) => name === 'requests')
    const stepMs = step?.timeoutMs ?? 0
    const next = `Write: worker_shutdown_timeout ${stepMs / 1_000 - 1}s;`
    const set = allNamed(nginx.root, 'worker_shutdown_timeout')[0]
    if (set === undefined) {
      return [{ at: nginx.root.at, what: 'worker_shutdown_timeout is not set, so nginx waits for ever', next }]
    }
    const ms = nginxTimeMs(set.args[0] ?? '')
    if (ms === undefined || ms < stepMs) return []
    const what = `worker_shutdown_timeout is ${ms / 1_000} s, and Node waits ${stepMs / 1_000} s (src/shutdown-steps.ts)`
    return [{ at: set.at, what, next }]
  },
}
