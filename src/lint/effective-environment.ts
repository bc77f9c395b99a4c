import { type Config, readEnv, toConfig } from '../config.ts'
import { ConfigError } from '../errors.ts'
import type { Dockerfile } from './dockerfile.ts'
import type { FlyToml } from './fly-toml.ts'
import type { Located, Problem, Read } from './rule.ts'

/** What the process finds where it runs, secrets apart: the image's variables, with those of fly.toml over them. */
export function effectiveEnvironment(image: Dockerfile, fly: FlyToml): Map<string, Located<string>> {
  const environment = new Map(image.environment)
  for (const [name, value] of Object.entries(fly.values.env ?? {})) {
    environment.set(name, { value: String(value), at: fly.at('env', name) })
  }
  return environment
}

/** The configuration that the service makes of it, by the service's own reader. */
export function effectiveConfig(environment: ReadonlyMap<string, Located<string>>): Read<Config> {
  const values = Object.fromEntries([...environment].map(([name, { value }]) => [name, value]))
  try {
    return { value: toConfig(readEnv({ ...placeholders(values), ...values })) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { problems: error.problems.map((problem) => located(problem, environment)) }
  }
}

/** Stands for the secrets that the service can't start without, since no file has them. */
function placeholders(values: Readonly<Record<string, string>>): Record<string, string> {
  const usesStorage = values.AWS_ENDPOINT_URL_S3 !== undefined || values.BUCKET_NAME !== undefined
  return {
    DATABASE_URL: 'postgres://placeholder',
    // Fly's Tigris sets all of them together, as secrets.
    ...(usesStorage && {
      AWS_ENDPOINT_URL_S3: 'https://placeholder',
      BUCKET_NAME: 'placeholder',
      AWS_ACCESS_KEY_ID: 'placeholder',
      AWS_SECRET_ACCESS_KEY: 'placeholder',
    }),
  }
}

/** The problem stands where its first variable is set. */
function located(problem: string, environment: ReadonlyMap<string, Located<string>>): Problem {
  const named = problem.match(/\b[A-Z][A-Z0-9_]+\b/g) ?? []
  const at = named.map((name) => environment.get(name)?.at).find((place) => place !== undefined)
  return {
    rule: 'environment',
    at: at ?? { file: 'fly.toml', line: 1 },
    what: `the service would not start: ${problem}`,
    next: 'Set the variable right here, or as a secret where it is one',
  }
}
