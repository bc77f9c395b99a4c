import { counted } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

export const databaseUnreachable: FindingRule = {
  name: 'database-unreachable',
  find({ database: { connectionErrors } }) {
    if (connectionErrors.length === 0) return undefined
    const probes = connectionErrors.reduce((sum, { count }) => sum + count, 0)
    return {
      severity: 'critical',
      title: 'The database could not be reached',
      evidence: `${counted(probes, 'probe')} told so: ${connectionErrors.map(({ code, count }) => `${code} × ${count}`).join(', ')}`,
      nextStep:
        'Look at the state and the log of the database at these times: a maintenance, a restart, a full disk, or too many connections',
    }
  },
}
