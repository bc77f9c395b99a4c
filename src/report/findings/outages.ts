import { counted, inTime, inUtc } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

export const outages: FindingRule = {
  name: 'outages',
  find({ outages: { count, leastMs, mostMs, listed } }) {
    const [first] = listed
    if (first === undefined) return undefined
    const longest = listed.reduce((a, b) => (b.mostMs > a.mostMs ? b : a), first)
    const codes = longest.codes.map(({ code }) => code).join(', ')
    const end = longest.firstGoodAt === null ? 'not over when the run ended' : `over by ${inUtc(longest.firstGoodAt)}`
    return {
      severity: 'critical',
      title: `The service was not good ${counted(count, 'time')}`,
      evidence: `${inTime(leastMs)} to ${inTime(mostMs)} in all; the longest from ${inUtc(longest.firstBadAt)}, ${end}, ${counted(longest.probes, 'probe')}: ${codes}`,
      nextStep: 'Look up the codes in docs/health-api.md, and the log of the machines at these times',
    }
  },
}
