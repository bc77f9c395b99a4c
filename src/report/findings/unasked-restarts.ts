import { counted, inUtc } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

export const unaskedRestarts: FindingRule = {
  name: 'unasked-restarts',
  find({ happenings, evidence }) {
    const seen = happenings.listed.filter(({ kind, cause }) => kind === 'restart' && cause === 'unknown')
    const told = (evidence.machineEvents ?? []).filter(({ kind, reason }) => kind === 'start' && reason === 'crash')
    const [first] = seen
    if (first === undefined && told.length === 0) return undefined
    const bySight =
      first === undefined
        ? []
        : [`${counted(seen.length, 'restart')} seen, first by ${inUtc(first.at)}: ${first.evidence}`]
    const byEvents = told.slice(0, 1).map(({ machine, at }) => {
      return `${counted(told.length, 'start')} after a crash by the machines’ record, first ${machine} at ${inUtc(at)}`
    })
    return {
      severity: 'warning',
      title: 'A machine restarted that no deploy and no request asked to',
      evidence: [...bySight, ...byEvents].join('; '),
      nextStep: 'Look for the exit code and the last lines of its log: a crash, memory, or a restart by itself',
    }
  },
}
