import { counted } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

/** Good for availability, and yet something was broken. */
export const degraded: FindingRule = {
  name: 'degraded',
  find({ stretches }) {
    const found = stretches.listed.filter(({ told }) => told.startsWith('degraded'))
    const [first] = found
    if (first === undefined) return undefined
    const probes = found.reduce((sum, stretch) => sum + stretch.probes, 0)
    return {
      severity: 'warning',
      title: 'The service answered, but something that it needs did not',
      evidence: `${counted(probes, 'probe')} told degraded, first: ${first.told}`,
      nextStep: 'Ask /api/health/checks/NAME of the check that failed, with the operator token for its message',
    }
  },
}
