import { counted, inUtc } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

export const unaskedRestarts: FindingRule = {
  name: 'unasked-restarts',
  find({ happenings, evidence: { machineEvents = [] } }) {
    const seen = happenings.listed.filter(
      ({ kind, cause }) => kind === 'restart' && (cause === 'unknown' || cause === 'crash'),
    )
    const crashes = machineEvents.filter(({ kind, reason }) => kind === 'start' && reason === 'crash')
    const byItself = machineEvents.filter(({ kind }) => kind === 'restart')
    const told = [
      ...seen
        .slice(0, 1)
        .map(({ at, evidence }) => `${counted(seen.length, 'restart')} seen, first by ${inUtc(at)}: ${evidence}`),
      ...crashes.slice(0, 1).map(({ machine, at }) => {
        return `${counted(crashes.length, 'start')} after a crash by the machines’ record, first ${machine} at ${inUtc(at)}`
      }),
      ...byItself.slice(0, 1).map(({ machine, at, code = 'unknown' }) => {
        return `${counted(byItself.length, 'restart')} of a machine by itself, first ${machine} at ${inUtc(at)} for ${code}`
      }),
    ]
    if (told.length === 0) return undefined
    return {
      severity: 'warning',
      title: 'A machine restarted that no deploy and no request asked to',
      evidence: told.join('; '),
      nextStep: 'Look for the exit code and the last lines of its log: a crash, memory, or a restart by itself',
    }
  },
}
