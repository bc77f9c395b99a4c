import { counted } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

export const fewSamples: FindingRule = {
  name: 'few-samples',
  find({ latencyMs: { all }, counts }) {
    if (all.count >= 100 || counts.observations === 0) return undefined
    const missing = (['p50', 'p75', 'p90', 'p95', 'p99'] as const).filter((name) => all[name] === null)
    return {
      severity: 'note',
      title: 'The run is too short for some figures',
      evidence: `${counted(all.count, 'answer')} can’t carry ${missing.join(', ')}`,
      nextStep: 'Probe longer or more often: p99 takes 100 answers',
    }
  },
}
