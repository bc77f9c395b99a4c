import { healthPath, openPaths, readyPath } from '../../health/paths.ts'
import type { FlyHttpCheck } from '../fly-services.ts'
import { allNamed } from '../nginx-conf.ts'
import { locationOf, publicServer } from '../nginx-server.ts'
import type { Finding, Place, Rule } from '../rule.ts'

const wantedPath = `${healthPath}${readyPath}`

/**
 * Each check that routes asks the one path that tells only of this machine. `/api/health` tells of shared faults too:
 * with it, a database that is down would take every machine out of Fly's proxy at once
 * (docs/decisions/0011-ready-ignores-shared-faults.md). Paths that want a token never answer a check.
 */
export const checkPaths: Rule = {
  name: 'check-paths',
  why: "Fly's proxy sends nothing to a machine whose check fails, and fails closed when all do",
  check({ fly, nginx }) {
    const service = fly.values.http_service
    if (service === undefined) return []
    const checks = service.checks ?? []
    if (checks.length === 0) {
      const what = '[http_service] has no check, so requests go to machines that are not ready'
      return [{ at: fly.at('http_service'), what, next: `Add [[http_service.checks]] with path = "${wantedPath}"` }]
    }
    const server = publicServer(nginx, service.internal_port)
    return checks.flatMap((check, index): Finding[] => {
      const at = (key: keyof FlyHttpCheck) => fly.at('http_service', 'checks', index, key)
      const location = server && locationOf(server, check.path ?? '/')
      return [
        ...pathFindings(check.path ?? '/', at('path')),
        ...formFindings(check, at),
        ...(location === undefined || allNamed(location, 'proxy_pass').length > 0
          ? []
          : [
              {
                at: location.at,
                what: `nginx does not pass ${check.path ?? '/'} on to Node`,
                next: 'Pass it: a check that nginx answers says nothing of Node',
              },
            ]),
      ]
    })
  },
}

function pathFindings(path: string, at: Place): Finding[] {
  const next = `Write: path = "${wantedPath}"`
  if (path === wantedPath) return []
  const isHealth = path === healthPath || path.startsWith(`${healthPath}/`)
  if (openPaths.includes(path.slice(healthPath.length)) && isHealth) {
    return [{ at, what: `the check asks ${path}, which is not about whether traffic may come to this machine`, next }]
  }
  const reason = isHealth ? 'which wants a token in production' : 'which is no health path'
  return [{ at, what: `the check asks ${path}, ${reason}`, next }]
}

function formFindings(check: FlyHttpCheck, at: (key: keyof FlyHttpCheck) => Place): Finding[] {
  const findings: Finding[] = []
  if (!/^(?:get|head)$/i.test(check.method ?? 'GET')) {
    findings.push({ at: at('method'), what: `the check asks by ${check.method}`, next: 'Write: method = "GET"' })
  }
  if (check.protocol === 'https') {
    const what = 'the check asks by https, and nginx speaks http inside the machine'
    findings.push({ at: at('protocol'), what, next: 'Take protocol out' })
  }
  return findings
}
