import { counted, inUtc } from '../wording.ts'
import type { FindingRule } from './finding-rule.ts'

/** Answers of the proxy, and not of the service: it had no machine, or the machine did not answer it. */
export const gatewayErrors: FindingRule = {
  name: 'gateway-errors',
  find({ happenings, outages }) {
    const fromProxy = happenings.listed.filter(({ kind }) => kind === 'proxy_retry')
    const without = outages.listed.flatMap(({ codes }) => codes.filter(({ code }) => /^http_50[24]$/.test(code)))
    const [first] = fromProxy
    if (first === undefined && without.length === 0) return undefined
    const told =
      first === undefined
        ? without.map(({ code, count }) => `${code} × ${count}`).join(', ')
        : `${counted(fromProxy.length, 'answer')} of the proxy, first at ${inUtc(first.at)}: ${first.evidence}`
    return {
      severity: 'warning',
      title: 'The proxy answered in place of the service',
      evidence: told,
      nextStep: 'Compare with starts and deploys of the machines; keep one machine running, and drain before a stop',
    }
  },
}
