import type { Rule } from '../rule.ts'

/** Fly's proxy sends plain http on to https. */
export const forceHttps: Rule = {
  name: 'force-https',
  why: 'tokens would cross the network in the clear',
  check({ fly }) {
    const service = fly.values.http_service
    if (service === undefined || service.force_https === true) return []
    const at = fly.at('http_service', 'force_https')
    return [{ at, what: 'force_https is not true', next: 'Set force_https = true' }]
  },
}
