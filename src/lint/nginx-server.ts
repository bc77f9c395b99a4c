import { allNamed, type Directive, type NginxConf } from './nginx-conf.ts'

/** One `listen`: a TCP port or a socket. */
export interface Listen {
  readonly directive: Directive
  /** Undefined of a Unix socket. */
  readonly port: number | undefined
  readonly ipv4: boolean
  readonly ipv6: boolean
  /** Only this machine reaches it. */
  readonly isInternal: boolean
}

/** https://nginx.org/en/docs/http/ngx_http_core_module.html#listen */
export function listens(server: Directive): Listen[] {
  const found = (server.block ?? []).filter(({ name }) => name === 'listen')
  return found.map((directive) => {
    const [address = '', ...options] = directive.args
    const internal = { directive, ipv4: false, ipv6: false, isInternal: true }
    if (address.startsWith('unix:')) return { ...internal, port: undefined }
    const [, host = '*', portText] = /^(?:(\[[^\]]*\]|[^:]*[^\d:][^:]*):?)?(\d+)?$/.exec(address) ?? []
    const port = Number(portText ?? 80)
    if (/^(?:localhost|127\..*|\[::1\])$/.test(host)) return { ...internal, port }
    const ipv6 = host.startsWith('[')
    return { directive, port, ipv4: !ipv6 || options.includes('ipv6only=off'), ipv6, isInternal: false }
  })
}

export const servers = (nginx: NginxConf) => allNamed(nginx.root, 'server').filter(({ block }) => block !== undefined)

/** The server that answers on the port that Fly's proxy connects to. */
export function publicServer(nginx: NginxConf, port: number | undefined): Directive | undefined {
  return servers(nginx).find((server) => listens(server).some((listen) => !listen.isInternal && listen.port === port))
}

/**
 * The location that nginx takes for a path: an exact one, else the longest prefix unless a regular expression matches
 * and the prefix does not forbid it by `^~` (https://nginx.org/en/docs/http/ngx_http_core_module.html#location).
 */
export function locationOf(block: Directive, path: string): Directive | undefined {
  const candidates = (block.block ?? [])
    .filter(({ name }) => name === 'location')
    .map((directive) => {
      // The sign may stand by itself or before the pattern.
      const [, sign = '', pattern = ''] = /^(=|\^~|~\*|~)?(.*)$/.exec(directive.args.join('')) ?? []
      return { directive, sign, pattern }
    })
  const exact = candidates.find(({ sign, pattern }) => sign === '=' && pattern === path)
  if (exact !== undefined) return exact.directive
  const prefix = candidates
    .filter(({ sign, pattern }) => (sign === '' || sign === '^~') && path.startsWith(pattern))
    .toSorted((one, other) => other.pattern.length - one.pattern.length)
    .at(0)
  const inner = prefix === undefined ? undefined : locationOf(prefix.directive, path)
  if (inner !== undefined) return inner
  const expression =
    prefix?.sign === '^~' ? undefined : candidates.find(({ sign, pattern }) => matches(sign, pattern, path))
  return (expression ?? prefix)?.directive
}

function matches(sign: string, pattern: string, path: string): boolean {
  if (sign !== '~' && sign !== '~*') return false
  try {
    return new RegExp(pattern, sign === '~*' ? 'i' : '').test(path)
  } catch {
    // What only PCRE can read may match anything: better a problem too many than a path that is open unseen.
    return true
  }
}
