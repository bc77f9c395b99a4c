import { variableNames } from '../../config.ts'
import type { Rule } from '../rule.ts'

/** Read by Node itself, the C library, nginx' supervisor and OpenTelemetry. */
const foreign = /^(?:NODE_|UV_|MALLOC_|LC_|SUPERVISE_|OTEL_|(?:LANG|TZ|PATH|HOME|NGINX_CONF)$)/

/** Every variable of `[env]` means something to what runs, and together they say that this is production. */
export const environment: Rule = {
  name: 'environment',
  why: 'a misspelt variable is ignored in silence, and outside production deep checks are open to everybody',
  check({ fly, config, image, environment: set }) {
    const known = new Set<string>(variableNames)
    const unknown = Object.keys(fly.values.env ?? {}).filter((name) => !known.has(name) && !foreign.test(name))
    const findings = unknown.map((name) => ({
      at: fly.at('env', name),
      what: `${name} is no variable of this service`,
      next: 'Correct its name (.env.example has them all) or take it out',
    }))
    if (config.production) return findings
    const at = (set.get('ENVIRONMENT') ?? set.get('NODE_ENV'))?.at ?? image.at
    const what = `the environment is "${config.environment}"`
    return [...findings, { at, what, next: 'Write: NODE_ENV=production, and no other ENVIRONMENT' }]
  },
}
