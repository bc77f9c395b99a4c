import { inUtc } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

/** Of the machines that answered near the end of the run. */
export const versionSkew: FindingRule = {
  name: 'version-skew',
  find({ machines, to, from }) {
    if (to === null || from === null) return undefined
    // The last quarter: a deploy in the middle of a run has had its time.
    const lateMs = Date.parse(to) - (Date.parse(to) - Date.parse(from)) / 4
    const late = machines.filter(({ lastSeenAt }) => Date.parse(lastSeenAt) >= lateMs)
    const versions = new Map(late.map(({ id, versions: all }) => [all.at(-1), id]))
    versions.delete(undefined)
    if (versions.size < 2) return undefined
    return {
      severity: 'warning',
      title: 'Machines run different versions',
      evidence: `by ${inUtc(to)}: ${[...versions].map(([version, id]) => `${version} on ${id}`).join(', ')}`,
      nextStep: 'See whether a deploy is under way or stopped halfway: fly status',
    }
  },
}
