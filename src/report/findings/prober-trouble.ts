import { counted, inMs } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

/** What makes the run itself less worth. */
export const proberTrouble: FindingRule = {
  name: 'prober-trouble',
  find({ counts, evidence: { probing } }) {
    const faults = [
      counts.offline > 0 ? `${counted(counts.offline, 'probe')} with no network at the prober` : '',
      (probing?.late ?? 0) > 0
        ? `${counted(probing?.late ?? 0, 'probe')} late, by up to ${inMs(probing?.latestMs ?? 0)}`
        : '',
      (probing?.missed ?? 0) > 0 ? `${counted(probing?.missed ?? 0, 'probe')} missed` : '',
      counts.invalidLines > 0 ? `${counted(counts.invalidLines, 'line')} that could not be read` : '',
      counts.outOfOrder > 0 ? `${counted(counts.outOfOrder, 'probe')} before the one that came first` : '',
    ].filter((fault) => fault !== '')
    if (faults.length === 0) return undefined
    return {
      severity: 'note',
      title: 'The probing itself had trouble',
      evidence: `${faults.join(', ')}; what they missed is in no figure`,
      nextStep: 'Probe from a machine with a steady network and clock, and a free CPU',
    }
  },
}
