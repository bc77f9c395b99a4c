import type { Dockerfile } from '../dockerfile.ts'
import type { NginxConf } from '../nginx-conf.ts'
import { listens, publicServer, servers } from '../nginx-server.ts'
import type { Finding, Place, Rule } from '../rule.ts'

/**
 * One number in three files: `internal_port` of fly.toml, nginx's `listen` and the Dockerfile's `EXPOSE`; on IPv4 and
 * IPv6, and no other port opened to the outside. Where they differ, each part starts well alone and callers get 502.
 */
export const publicPort: Rule = {
  name: 'public-port',
  why: "Fly's proxy connects to internal_port only, and to nothing when nginx listens elsewhere",
  check({ fly, nginx, image, config }) {
    const service = fly.values.http_service
    if (service === undefined) {
      const next = 'Add [http_service] with internal_port, which gives the port that nginx listens on'
      return [{ at: fly.at(), what: 'fly.toml has no [http_service], so nobody reaches the service', next }]
    }
    const port = service.internal_port
    return [
      ...listenFindings(nginx, port, fly.at('http_service', 'internal_port')),
      ...exposeFindings(image, port, config.metricsPort),
    ]
  },
}

function listenFindings(nginx: NginxConf, port: number, at: Place): Finding[] {
  const open = servers(nginx)
    .flatMap(listens)
    .filter(({ isInternal }) => !isInternal)
  const server = publicServer(nginx, port)
  if (server === undefined) {
    const ports = [...new Set(open.map((listen) => listen.port))].join(', ') || 'no port'
    return [{ at, what: `internal_port is ${port}, and nginx listens on ${ports}`, next: 'Give both the same port' }]
  }
  const here = open.filter((listen) => listen.port === port)
  const families = [
    { name: 'IPv4', isThere: here.some(({ ipv4 }) => ipv4), line: `listen ${port};` },
    { name: 'IPv6', isThere: here.some(({ ipv6 }) => ipv6), line: `listen [::]:${port};` },
  ]
  const missing = families
    .filter(({ isThere }) => !isThere)
    .map(({ name, line }) => ({
      at: server.at,
      what: `nginx does not listen on port ${port} by ${name}`,
      next: `Add: ${line}`,
    }))
  const others = open.filter((listen) => listen.port !== port)
  return [
    ...missing,
    ...others.map((other) => ({
      at: other.directive.at,
      what: `nginx listens on port ${other.port} too, and internal_port is ${port}`,
      next: 'Take the listen out, or bind it to 127.0.0.1',
    })),
  ]
}

function exposeFindings(image: Dockerfile, port: number, metricsPort: number): Finding[] {
  const next = `Write: EXPOSE ${port}${metricsPort === 0 ? '' : ` ${metricsPort}`}`
  const ports = image.exposed.map(({ value }) => value)
  const others = image.exposed.filter(({ value }) => value !== port && value !== metricsPort)
  const extra = others.map(({ value, at }) => ({ at, what: `EXPOSE names port ${value}, where nothing listens`, next }))
  if (ports.includes(port)) return extra
  const what = `EXPOSE does not name port ${port}, and internal_port is ${port}`
  return [{ at: image.exposed[0]?.at ?? image.at, what, next }, ...extra]
}
