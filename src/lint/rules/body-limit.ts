import { bodyLimitBytes } from '../../http/body-limits.ts'
import { allNamed, effective } from '../nginx-conf.ts'
import { publicServer } from '../nginx-server.ts'
import { nginxSizeBytes } from '../nginx-units.ts'
import type { Finding, Rule } from '../rule.ts'

/** https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size */
const nginxDefaultBytes = 1_048_576

/** nginx lets every body pass that a route of Node's takes, and has a limit. */
export const bodyLimit: Rule = {
  name: 'body-limit',
  why: 'good requests are refused with 413 before Node sees them, or without a limit anybody fills the disk',
  check({ fly, nginx }) {
    const server = publicServer(nginx, fly.values.http_service?.internal_port)
    if (server === undefined) return []
    const largest = Math.max(...Object.values(bodyLimitBytes))
    const set = allNamed(nginx.root, 'client_max_body_size')
    return (set.length === 0 ? [undefined] : set).flatMap((directive): Finding[] => {
      const bytes = directive === undefined ? nginxDefaultBytes : nginxSizeBytes(directive.args[0] ?? '')
      const at = (directive ?? effective(server, 'listen') ?? server).at
      if (bytes === 0) {
        return [{ at, what: 'client_max_body_size 0 is no limit', next: 'Write: client_max_body_size 1m;' }]
      }
      if (bytes === undefined || bytes >= largest) return []
      const what = `nginx takes bodies of ${bytes} bytes, and a route takes ${largest} (src/http/body-limits.ts)`
      return [{ at, what, next: `Write: client_max_body_size ${Math.ceil(largest / 1_024)}k; or more` }]
    })
  },
}
