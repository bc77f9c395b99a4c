import { serverTimeouts } from '../../http/listen.ts'
import { allNamed, type Directive, effective } from '../nginx-conf.ts'
import { publicServer } from '../nginx-server.ts'
import { nginxTimeMs } from '../nginx-units.ts'
import type { Finding, Rule } from '../rule.ts'

/** Fly's proxy keeps a connection for about 4 s; the margin is for what else keeps connections in store. */
const clientLeastMs = 60_000
/** https://nginx.org/en/docs/http/ngx_http_core_module.html#keepalive_timeout */
const nginxClientMs = 75_000
/** https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive_timeout */
const nginxUpstreamMs = 60_000

/**
 * On each of the two hops the side that answers keeps an idle connection longer than the side that asks: nginx longer
 * than Fly's proxy, Node longer than nginx. And nginx keeps enough of them to Node, by HTTP/1.1.
 */
export const keepAlive: Rule = {
  name: 'keep-alive',
  why: 'the answering side closes a connection in the moment it is used again, and the caller gets a 502',
  check({ fly, nginx }) {
    const service = fly.values.http_service
    const server = publicServer(nginx, service?.internal_port)
    const upstreams = allNamed(nginx.root, 'upstream')
    return [
      ...(server === undefined ? [] : clientFindings(server)),
      ...upstreams.flatMap((upstream) => upstreamFindings(upstream, service?.concurrency?.soft_limit ?? 1)),
      ...allNamed(nginx.root, 'proxy_pass').flatMap(passFindings),
    ]
  },
}

function clientFindings(server: Directive): Finding[] {
  const set = effective(server, 'keepalive_timeout')
  const clientMs = set === undefined ? nginxClientMs : nginxTimeMs(set.args[0] ?? '')
  if (clientMs === undefined || clientMs >= clientLeastMs) return []
  const what = `nginx keeps a caller's connection for ${clientMs / 1_000} s`
  return [{ at: (set ?? server).at, what, next: 'Write: keepalive_timeout 75s;' }]
}

function upstreamFindings(upstream: Directive, softLimit: number): Finding[] {
  const findings: Finding[] = []
  const [name = ''] = upstream.args
  const keepalive = effective(upstream, 'keepalive')
  const kept = Number(keepalive?.args[0] ?? 0)
  if (kept < softLimit) {
    const what = `upstream ${name} keeps ${kept} connections to Node, and soft_limit is ${softLimit} requests at once`
    findings.push({ at: (keepalive ?? upstream).at, what, next: `Write: keepalive ${softLimit}; or more` })
  }
  const set = upstream.block?.find((inner) => inner.name === 'keepalive_timeout')
  const upstreamMs = set === undefined ? nginxUpstreamMs : nginxTimeMs(set.args[0] ?? '')
  const nodeMs = serverTimeouts.keepAliveTimeout
  if (upstreamMs !== undefined && upstreamMs >= nodeMs) {
    const what = `upstream ${name} keeps a connection for ${upstreamMs / 1_000} s, and Node for ${nodeMs / 1_000} s`
    findings.push({ at: (set ?? upstream).at, what, next: 'Write: keepalive_timeout 60s;' })
  }
  return findings
}

/** nginx below 1.29.7 asks by HTTP/1.0 and closes, unless told otherwise. */
function passFindings(pass: Directive): Finding[] {
  const around = pass.parent
  if (around === undefined) return []
  const findings: Finding[] = []
  if (effective(around, 'proxy_http_version')?.args[0] !== '1.1') {
    const what = 'nginx asks Node by HTTP/1.0, which keeps no connection'
    findings.push({ at: pass.at, what, next: 'Add: proxy_http_version 1.1;' })
  }
  // A level with headers of its own inherits none.
  const headers = (block: Directive): readonly Directive[] => {
    const own = (block.block ?? []).filter(({ name }) => name === 'proxy_set_header')
    return own.length > 0 || block.parent === undefined ? own : headers(block.parent)
  }
  if (!headers(around).some(({ args }) => args[0]?.toLowerCase() === 'connection' && args[1] === '')) {
    const what = 'nginx does not clear the Connection header, and Node closes the connection'
    findings.push({ at: pass.at, what, next: 'Add: proxy_set_header Connection "";' })
  }
  return findings
}
