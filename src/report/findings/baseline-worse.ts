import type { FindingRule } from './finding-rule.ts'

export const baselineWorse: FindingRule = {
  name: 'baseline-worse',
  find({ comparison }) {
    const worse = comparison?.rows.filter(({ change }) => change === 'worse') ?? []
    if (worse.length === 0) return undefined
    return {
      severity: 'warning',
      title: 'It was better in the run before',
      evidence: worse.map(({ what, evidence }) => `${what}: ${evidence}`).join('; '),
      nextStep: 'See what was deployed in between: /api/deployments',
    }
  },
}
