import { inWords } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

/** Fewer may be chance, of whichever machine happened to be asked. */
const fewest = 3

export const oneBadMachine: FindingRule = {
  name: 'one-bad-machine',
  find({ machines }) {
    const [worst, ...others] = machines.filter(({ failed }) => failed > 0)
    const well = machines.filter(({ failed, observations }) => failed === 0 && observations >= fewest)
    if (worst === undefined || others.length > 0 || well.length === 0 || worst.failed < fewest) return undefined
    const good = well.map(({ id }) => id).join(', ')
    return {
      severity: 'critical',
      title: `Only machine ${worst.id} answers badly`,
      evidence: `${inWords(worst.failed)} of its ${inWords(worst.observations)} answers were bad, and none of ${good}`,
      nextStep: `Take it out and look at it: fly machine cordon ${worst.id}`,
    }
  },
}
