import type { FindingRule } from './finding-rule.ts'

export const singleMachine: FindingRule = {
  name: 'single-machine',
  find({ machines, evidence: { machineEvents = [] } }) {
    const known = new Set([...machines.map(({ id }) => id), ...machineEvents.map(({ machine }) => machine)])
    const [only, ...others] = known
    if (only === undefined || others.length > 0) return undefined
    return {
      severity: 'note',
      title: 'Only one machine was seen',
      evidence: `every answer that told a machine came from ${only}`,
      nextStep: 'Check with fly machine list that there are two; --fly-app asks each of them in turn',
    }
  },
}
