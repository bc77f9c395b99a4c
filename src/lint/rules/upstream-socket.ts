import { posix } from 'node:path'
import { allNamed, type Directive, type NginxConf } from '../nginx-conf.ts'
import type { Finding, Rule } from '../rule.ts'

/** Every `proxy_pass` of nginx.conf ends at the Unix socket that Node listens on by `SOCKET_PATH`. */
export const upstreamSocket: Rule = {
  name: 'upstream-socket',
  why: 'nginx answers 502 to everything when it looks for Node elsewhere',
  check({ nginx, environment, config, image }) {
    if (!('socketPath' in config.listen)) {
      const what = `SOCKET_PATH is not set, so Node listens on port ${config.listen.port}`
      const at = environment.get('PORT')?.at ?? image.at
      return [{ at, what, next: 'Set SOCKET_PATH to a path of a directory that the user of the image may write to' }]
    }
    const { socketPath } = config.listen
    const passes = allNamed(nginx.root, 'proxy_pass')
    if (passes.length === 0) {
      const what = `nginx.conf has no proxy_pass to SOCKET_PATH ${socketPath}`
      return [{ at: nginx.root.at, what, next: 'Add an upstream with that socket and pass to it' }]
    }
    return passes.flatMap((pass): Finding[] =>
      targets(nginx, pass)
        .filter(({ address }) => socketOf(address) !== posix.normalize(socketPath))
        .map(({ at, address }) => ({
          at,
          what: `nginx passes to ${address}, and Node listens on SOCKET_PATH ${socketPath}`,
          next: `Write: server unix:${socketPath}`,
        })),
    )
  },
}

function targets(nginx: NginxConf, pass: Directive): { at: Directive['at']; address: string }[] {
  const [url = ''] = pass.args
  const host = /^https?:\/\/([^/:$]+)/.exec(url)?.[1]
  const upstream = allNamed(nginx.root, 'upstream').find(({ args }) => args[0] === host)
  if (upstream === undefined) return [{ at: pass.at, address: url }]
  return allNamed(upstream, 'server').map(({ at, args }) => ({ at, address: args[0] ?? '' }))
}

/** `unix:/path` of an upstream, or `http://unix:/path:/uri` of a proxy_pass; undefined when it is no socket. */
function socketOf(address: string): string | undefined {
  const path = /^(?:http:\/\/)?unix:([^:]+)/.exec(address)?.[1]
  return path === undefined ? undefined : posix.normalize(path)
}
