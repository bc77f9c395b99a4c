import type { Config } from '../../config.ts'
import { healthPath } from '../../health/paths.ts'
import { serverTimeouts } from '../../http/listen.ts'
import { type Directive, effective } from '../nginx-conf.ts'
import { locationOf, publicServer } from '../nginx-server.ts'
import { nginxTimeMs } from '../nginx-units.ts'
import type { Finding, Rule } from '../rule.ts'

/** The default of each of nginx's time-outs that are compared here. */
const nginxDefaultMs = 60_000

/**
 * nginx waits for Node's answer longer than Node's own bounds let it take, and for a caller's request no longer than
 * Node would: the inner part gives up first where it knows the reason, the outer one first where it guards the inner.
 */
export const proxyTimeouts: Rule = {
  name: 'proxy-timeouts',
  why: 'callers get a bare 504 for what Node would have explained, or slow clients hold what Node would have refused',
  check({ fly, nginx, config }) {
    const server = publicServer(nginx, fly.values.http_service?.internal_port)
    if (server === undefined) return []
    return [
      ...answerFindings(server, '/', statementBound(config)),
      ...answerFindings(server, `${healthPath}/deep`, checkBound(config)),
      ...requestFindings(server, 'client_header_timeout', serverTimeouts.headersTimeout),
      ...requestFindings(server, 'client_body_timeout', serverTimeouts.requestTimeout),
    ]
  },
}

interface Bound {
  readonly ms: number
  readonly of: string
}

function statementBound({ database }: Config): Bound {
  const ms = database.acquireTimeoutMs + database.statementTimeoutMs
  return { ms, of: 'a statement (DATABASE_ACQUIRE_TIMEOUT_MS + DATABASE_STATEMENT_TIMEOUT_MS)' }
}

function checkBound({ health }: Config): Bound {
  return { ms: Math.max(...Object.values(health.checks).map(({ timeoutMs }) => timeoutMs)), of: 'the slowest check' }
}

function answerFindings(server: Directive, path: string, bound: Bound): Finding[] {
  const block = locationOf(server, path) ?? server
  const set = effective(block, 'proxy_read_timeout')
  const readMs = set === undefined ? nginxDefaultMs : nginxTimeMs(set.args[0] ?? '')
  if (readMs === undefined || readMs > bound.ms) return []
  const what = `nginx waits ${readMs / 1_000} s for the answer to ${path}, and ${bound.of} may take ${bound.ms / 1_000} s`
  return [{ at: (set ?? block).at, what, next: `Write: proxy_read_timeout ${bound.ms / 1_000 + 5}s; or more` }]
}

function requestFindings(server: Directive, name: string, nodeMs: number): Finding[] {
  const set = effective(server, name)
  const ms = set === undefined ? nginxDefaultMs : nginxTimeMs(set.args[0] ?? '')
  if (ms === undefined || ms <= nodeMs) return []
  const what = `${name} is ${ms / 1_000} s, and Node waits ${nodeMs / 1_000} s (src/http/listen.ts)`
  return [{ at: (set ?? server).at, what, next: `Write: ${name} 10s;` }]
}
