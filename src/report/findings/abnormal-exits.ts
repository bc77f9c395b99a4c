import { counted, inUtc } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

export const abnormalExits: FindingRule = {
  name: 'abnormal-exits',
  find({ evidence: { machineEvents = [] } }) {
    const exits = machineEvents.filter(
      ({ kind, exitCode = 0, oomKilled = false, requestedStop = false }) =>
        kind === 'exit' && (oomKilled || (exitCode !== 0 && !requestedStop)),
    )
    const [first] = exits
    if (first === undefined) return undefined
    const byMemory = exits.filter(({ oomKilled }) => oomKilled).length
    return {
      severity: 'critical',
      title: byMemory > 0 ? 'The kernel ended a process for want of memory' : 'A process ended with an error',
      evidence: `${counted(exits.length, 'exit')} by the platform’s record, ${byMemory} for memory; first machine ${first.machine} at ${inUtc(first.at)}, code ${first.exitCode ?? 'unknown'}`,
      nextStep: 'Read the log of that machine just before; code 70 is a restart by itself, 137 the kernel',
    }
  },
}
