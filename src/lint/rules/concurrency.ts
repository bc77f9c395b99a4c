import { allNamed } from '../nginx-conf.ts'
import type { Finding, Rule } from '../rule.ts'

/** https://nginx.org/en/docs/ngx_core_module.html#worker_connections */
const nginxConnections = 512
/** One from the proxy, one to Node. */
const connectionsPerRequest = 2

/** Load is counted in requests, with both limits stated, and nginx can hold what Fly's proxy may send at once. */
export const concurrency: Rule = {
  name: 'concurrency',
  why: 'the proxy wakes the second machine by soft_limit, and holds back at hard_limit what would only queue here',
  check({ fly, nginx }) {
    const service = fly.values.http_service
    if (service === undefined) return []
    const { type, soft_limit: soft, hard_limit: hard } = service.concurrency ?? {}
    const at = (key: string) => fly.at('http_service', 'concurrency', key)
    const findings: Finding[] = []
    if (type !== 'requests') {
      const what = `concurrency counts ${type ?? 'connections, the default'}`
      findings.push({ at: at('type'), what, next: 'Write: type = "requests"' })
    }
    if (soft === undefined || hard === undefined) {
      const what = `concurrency has no ${soft === undefined ? 'soft_limit' : 'hard_limit'}`
      return [...findings, { at: at('soft_limit'), what, next: 'Set both, from a measured run' }]
    }
    if (soft >= hard) {
      const what = `soft_limit ${soft} is not below hard_limit ${hard}`
      findings.push({ at: at('soft_limit'), what, next: 'Lower soft_limit' })
    }
    const set = allNamed(nginx.root, 'worker_connections')[0]
    const connections = Number(set?.args[0] ?? nginxConnections)
    if (connections < hard * connectionsPerRequest) {
      const what = `hard_limit is ${hard} requests, and worker_connections ${connections} hold half as many`
      findings.push({ at: (set ?? nginx.root).at, what, next: `Write: worker_connections ${hard * 2}; or more` })
    }
    return findings
  },
}
