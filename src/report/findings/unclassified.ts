import { inWords } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

export const unclassified: FindingRule = {
  name: 'unclassified',
  find({ counts, latencyMs }) {
    const answered = latencyMs.all.count
    const told = counts.cold + counts.resume + counts.warm
    if (answered === 0 || told >= answered) return undefined
    return {
      severity: 'note',
      title: 'Some answers did not tell whether they were cold or warm',
      evidence: `${inWords(answered - told)} of ${inWords(answered)} answers had no Medio-Uptime-Ms`,
      nextStep: 'Probe a path that the service itself answers; answers of a proxy or a cache tell nothing',
    }
  },
}
