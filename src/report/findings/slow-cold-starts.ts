import { counted, inMs } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

/** From about a second on people notice that they wait (J. Nielsen: "Usability Engineering", 1993, 5.5). */
const feltMs = 1_000

export const slowColdStarts: FindingRule = {
  name: 'slow-cold-starts',
  find({ latencyMs: { cold, warm } }) {
    if (cold.max === null || cold.max < feltMs) return undefined
    return {
      severity: 'warning',
      title: 'Somebody waits for cold starts',
      evidence: `${counted(cold.count, 'cold start')}, the slowest ${inMs(cold.max)}; the median of warm answers is ${inMs(warm.p50)}`,
      nextStep: 'Keep one machine running (min_machines_running = 1), or suspend instead of stop; see the cost table',
    }
  },
}
