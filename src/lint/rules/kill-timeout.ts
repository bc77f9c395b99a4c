import type { Rule } from '../rule.ts'
import { stopDeadlines } from '../stop-deadlines.ts'

/** Fly calls kill_timeout best effort, and the supervisor and nginx have to end too. */
const marginMs = 30_000
const flyMostMs = 300_000

/** `kill_timeout` is 30 s above the deadlines of a stop, added up (src/shutdown-steps.ts), and within Fly's 300 s. */
export const killTimeout: Rule = {
  name: 'kill-timeout',
  why: 'Fly kills the machine in the middle of its stop: requests are cut, and the last records and reports are lost',
  check({ fly, config }) {
    const at = fly.at('kill_timeout')
    const killMs = fly.values.kill_timeout
    const budgetMs = stopDeadlines(config.drainDelayMs).reduce((sum, { timeoutMs }) => sum + timeoutMs, 0)
    const least = (budgetMs + marginMs) / 1_000
    const stop = `a stop may take ${budgetMs / 1_000} s (src/shutdown-steps.ts)`
    if (killMs === undefined) {
      return [
        { at, what: `kill_timeout is not set, which means 5 s, and ${stop}`, next: `Set kill_timeout = ${least}` },
      ]
    }
    if (killMs > flyMostMs) {
      return [{ at, what: `kill_timeout is ${killMs / 1_000} s, and Fly's most is 300 s`, next: 'Shorten it' }]
    }
    if (killMs >= budgetMs + marginMs) return []
    const what = `kill_timeout is ${killMs / 1_000} s, and ${stop}, to which 30 s of margin belong`
    return [{ at, what, next: `Set kill_timeout = ${least}` }]
  },
}
