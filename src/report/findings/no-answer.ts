import type { FindingRule } from './finding-rule.ts'

/** Neither the service nor a proxy: codes of the prober's that have no HTTP status behind them. */
export const noAnswer: FindingRule = {
  name: 'no-answer',
  find({ latencyMs, availability, counts }) {
    const unanswered = availability.total - latencyMs.all.count
    if (unanswered === 0) return undefined
    return {
      severity: unanswered === availability.total ? 'critical' : 'warning',
      title: unanswered === availability.total ? 'Nothing answered at this target' : 'Some probes got no answer at all',
      evidence: `${unanswered} of ${counts.ok + counts.failed} probes; they have no response time, so no percentile contains them`,
      nextStep: 'Read their codes among the outages: a name, an address, a certificate, or a process that hangs',
    }
  },
}
