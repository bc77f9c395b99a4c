import { metricsPath } from '../../http/metrics-listener.ts'
import { allNamed, type Directive } from '../nginx-conf.ts'
import { listens, locationOf, publicServer, servers } from '../nginx-server.ts'
import type { Finding, Rule } from '../rule.ts'

/** No way from the outside to the metrics: not through nginx, and not through a service of fly.toml. */
export const metricsClosed: Rule = {
  name: 'metrics-closed',
  why: 'metrics tell strangers the routes, the load and the faults of the service',
  check({ fly, nginx, config }) {
    const { http_service: httpService, services = [] } = fly.values
    const findings: Finding[] = []

    for (const { directive } of servers(nginx)
      .flatMap(listens)
      .filter(({ port, isInternal }) => !isInternal && port === config.metricsPort)) {
      const what = `nginx listens on METRICS_PORT ${config.metricsPort}`
      findings.push({ at: directive.at, what, next: 'Take the listen out: Node has that port for itself' })
    }
    for (const { at, args } of [...allNamed(nginx.root, 'proxy_pass'), ...allNamed(nginx.root, 'server')]) {
      if (!args.some((arg) => arg.includes(`:${config.metricsPort}`))) continue
      findings.push({ at, what: `nginx passes to METRICS_PORT ${config.metricsPort}`, next: 'Take it out' })
    }

    const server = publicServer(nginx, httpService?.internal_port)
    for (const path of server === undefined ? [] : [metricsPath, `${metricsPath}/`]) {
      const location = server && locationOf(server, path)
      if (location !== undefined && isClosed(location)) continue
      findings.push({
        at: (location ?? server ?? nginx.root).at,
        what: `nginx does not refuse ${path}`,
        next: `Add: location ~ ^${metricsPath}(?:/|$) { return 404; }`,
      })
    }

    const exposed = [
      ...(httpService === undefined
        ? []
        : [{ port: httpService.internal_port, at: fly.at('http_service', 'internal_port') }]),
      ...services.map((service, index) => ({
        port: service.internal_port,
        at: fly.at('services', index, 'internal_port'),
      })),
    ]
    for (const { at } of exposed.filter(({ port }) => port === config.metricsPort)) {
      const what = `a service of fly.toml opens METRICS_PORT ${config.metricsPort} to the world`
      findings.push({ at, what, next: 'Give the service another internal_port' })
    }
    return findings
  },
}

function isClosed(location: Directive): boolean {
  return (location.block ?? []).some(
    ({ name, args }) =>
      (name === 'return' && /^(?:403|404|410|444)$/.test(args[0] ?? '')) || (name === 'deny' && args[0] === 'all'),
  )
}
