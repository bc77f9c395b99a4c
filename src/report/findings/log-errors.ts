import { inWords } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

export const logErrors: FindingRule = {
  name: 'log-errors',
  find({ evidence: { logs } }) {
    if (logs === undefined) return undefined
    const kinds = (['error', 'database_error', 'gateway_error'] as const).filter((kind) => logs.classes[kind].count > 0)
    const [first] = kinds
    if (first === undefined) return undefined
    const example = logs.classes[first].examples[0]
    const counts = kinds.map((kind) => `${inWords(logs.classes[kind].count)} ${kind}`).join(', ')
    return {
      severity: 'warning',
      title: 'The log has errors',
      evidence: `${counts} in ${inWords(logs.lines)} lines${example === undefined ? '' : `; for example: ${example.slice(0, 200)}`}`,
      nextStep: 'Start with the class that came first; requestId leads from a line to its request',
    }
  },
}
