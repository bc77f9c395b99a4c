import { restartsMax } from '../../healing/restart-budget.ts'
import type { Finding, Rule } from '../rule.ts'

/** Fly starts a machine again that ended with a fault, often enough for the restarts that it asks for itself. */
export const restartPolicy: Rule = {
  name: 'restart-policy',
  why: 'a machine that ended itself to mend a local fault would stay down',
  check({ fly }) {
    const restarts = fly.values.restart ?? []
    const next = 'Write: [[restart]] with policy = "on-failure" and retries = 10'
    if (restarts.length === 0) return [{ at: fly.at('restart'), what: 'fly.toml has no [[restart]]', next }]
    return restarts.flatMap(({ policy, retries }, index): Finding[] => {
      const at = (key: string) => fly.at('restart', index, key)
      if (policy !== 'on-failure' && policy !== 'always') {
        return [{ at: at('policy'), what: `the restart policy is ${policy ?? 'not set'}`, next }]
      }
      if (policy === 'always' || retries === undefined || retries >= restartsMax) return []
      const what = `retries is ${retries}, and a machine may restart itself ${restartsMax} times an hour`
      return [{ at: at('retries'), what, next }]
    })
  },
}
