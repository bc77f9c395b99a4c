import { awakeAfterRequestMs } from '../costs.ts'
import { inTime, inUsd } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

export const probeKeepsAwake: FindingRule = {
  name: 'probe-keeps-awake',
  find({ evidence: { probing }, costs }) {
    if (probing === undefined || probing.intervalMs >= awakeAfterRequestMs) return undefined
    const asleep = costs.rows.find(({ probedUsd, idleUsd }) => probedUsd !== null && probedUsd > idleUsd)
    const price =
      asleep === undefined
        ? ''
        : `; with ${asleep.profile} that costs ${inUsd((asleep.probedUsd ?? 0) - asleep.idleUsd)} a month`
    return {
      severity: 'note',
      title: 'The probe itself kept a machine awake',
      evidence: `a request every ${inTime(probing.intervalMs)}, and Fly stops a machine after some minutes without any${price}`,
      nextStep: 'To see cold starts, probe at intervals of 10 minutes and more',
    }
  },
}
