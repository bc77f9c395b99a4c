import { stopSignals } from '../../lifecycle/signals.ts'
import type { Finding, Place, Rule } from '../rule.ts'

/** What Fly (`kill_signal`, SIGINT when left out) and Docker (`STOPSIGNAL`, SIGTERM) send is what the process heeds. */
export const signals: Rule = {
  name: 'signals',
  why: 'a signal that nobody heeds ends the process at once or not before it is killed',
  check({ fly, image }) {
    const heeded = stopSignals.join(' and ')
    const finding = (name: string, value: string, at: Place): Finding[] =>
      stopSignals.some((signal) => signal === value)
        ? []
        : [{ at, what: `${name} is ${value}, and the process heeds ${heeded}`, next: `Write ${stopSignals[0]}` }]
    return [
      ...finding('kill_signal', fly.values.kill_signal ?? 'SIGINT', fly.at('kill_signal')),
      ...finding('STOPSIGNAL', image.stopSignal?.value ?? 'SIGTERM', image.stopSignal?.at ?? image.at),
    ]
  },
}
