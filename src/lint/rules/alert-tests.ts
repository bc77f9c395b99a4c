import type { Rule } from '../rule.ts'

/** Every alert is shown by promtool to fire, and to be silent. */
export const alertTests: Rule = {
  name: 'alert-tests',
  why: 'a rule that was never seen to fire may be one that can not, and one never seen silent may fire always',
  check({ watch }) {
    const next = 'Give it a trial in src/slo and run: npm run generate'
    const names = [...new Map(watch.alerts.map((alert) => [alert.name, alert])).values()]
    const untested = names.flatMap(({ name, at, labels }) => {
      const expected = watch.expectations.filter(({ alert }) => alert === name)
      const isFired = expected.some(({ fires }) => fires)
      // severity none: the heartbeat, which is never silent.
      const isSilent = labels.severity === 'none' || expected.some(({ fires }) => !fires)
      return [
        ...(isFired ? [] : [{ at, what: `no test sees ${name} fire`, next }]),
        ...(isSilent ? [] : [{ at, what: `no test sees ${name} silent`, next }]),
      ]
    })
    const strangers = watch.expectations.filter(({ alert }) => !watch.alerts.some(({ name }) => name === alert))
    return [
      ...untested,
      ...strangers.map(({ alert, at }) => ({ at, what: `there is no alert ${alert}`, next: 'Take the test out' })),
    ]
  },
}
