/**
 * The environment, read in two steps: `readEnv` takes the variables that exist for us, `toConfig` turns them into
 * one frozen, grouped, complete object or throws a ConfigError that names every problem at once.
 * Hand-written because it runs before the first answer (docs/decisions/0003-own-config-reader.md).
 */
import { ConfigError } from './errors.ts'

const checkDefaults = {
  database: { intervalMs: 5_000, timeoutMs: 2_000 },
  pool: { intervalMs: 5_000, timeoutMs: 1_000 },
  migrations: { intervalMs: 60_000, timeoutMs: 2_000 },
  redis: { intervalMs: 10_000, timeoutMs: 1_000 },
  s3: { intervalMs: 60_000, timeoutMs: 5_000 },
  external_api: { intervalMs: 60_000, timeoutMs: 5_000 },
  event_loop: { intervalMs: 5_000, timeoutMs: 1_000 },
  memory: { intervalMs: 5_000, timeoutMs: 1_000 },
  self_healing: { intervalMs: 5_000, timeoutMs: 1_000 },
  disk: { intervalMs: 30_000, timeoutMs: 2_000 },
  cpu: { intervalMs: 30_000, timeoutMs: 2_000 },
  clock: { intervalMs: 30_000, timeoutMs: 2_000 },
  sentry: { intervalMs: 5_000, timeoutMs: 1_000 },
} as const

/** A check's name in the configuration; every external API shares `external_api`. */
export type CheckKind = keyof typeof checkDefaults
export interface CheckTiming {
  readonly intervalMs: number
  readonly timeoutMs: number
}
const checkKinds = Object.keys(checkDefaults) as CheckKind[]

const plainNames = [
  'PORT',
  'SOCKET_PATH',
  'NOTIFY_FD',
  'METRICS_PORT',
  'NODE_ENV',
  'ENVIRONMENT',
  'DATA_DIR',
  'DATABASE_URL',
  'DATABASE_POOL_MAX',
  'DATABASE_ACQUIRE_TIMEOUT_MS',
  'DATABASE_STATEMENT_TIMEOUT_MS',
  'DATABASE_LOCK_TIMEOUT_MS',
  'DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS',
  'DATABASE_LEAK_AFTER_MS',
  'SLOW_QUERY_MS',
  'HEALTH_INTERVAL_MS',
  'HEALTH_TIMEOUT_MS',
  'HEALTH_RETRY_MS',
  'HEALTH_FAILURES',
  'HEALTH_SUCCESSES',
  'HEALTH_IDLE_AFTER_MS',
  'HEALTH_READY_STRICT',
  'HEALTH_POOL_STUCK_MS',
  'HEALING_ENABLED',
  'HEALING_AFTER_MS',
  'STARTUP_DEADLINE_MS',
  'DRAIN_DELAY_MS',
  'REDIS_URL',
  'AWS_ENDPOINT_URL_S3',
  'BUCKET_NAME',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_REGION',
  'EXTERNAL_APIS',
  'SENTRY_DSN',
  'SENTRY_LOAD',
  'OPERATOR_TOKEN',
  'PROBE_TOKEN',
  'STATUS_PUBLIC',
  'HISTORY_RETENTION_DAYS',
  'SELF_PROBE_INTERVAL_MS',
  'LOG_LEVEL',
  'COMMIT',
  'BUILD_DATE',
  'FLY_MACHINE_ID',
  'FLY_REGION',
  'FLY_APP_NAME',
  'FLY_IMAGE_REF',
  'FLY_MACHINE_VERSION',
] as const
const checkNames = checkKinds.flatMap((kind) => [
  `HEALTH_${kind.toUpperCase() as Uppercase<CheckKind>}_INTERVAL_MS` as const,
  `HEALTH_${kind.toUpperCase() as Uppercase<CheckKind>}_TIMEOUT_MS` as const,
])

/** Every variable that means something to the service. `.env.example` is tested against it. */
export const variableNames = [...plainNames, ...checkNames]
type VariableName = (typeof variableNames)[number]

/** Variables that hold a secret: set them with `fly secrets set`, never in a file of the repository. */
export const secretNames: readonly VariableName[] = [
  'DATABASE_URL',
  'REDIS_URL',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'SENTRY_DSN',
  'OPERATOR_TOKEN',
  'PROBE_TOKEN',
]

export interface Env {
  /** What is set and not empty. */
  readonly values: Readonly<Partial<Record<VariableName, string>>>
  /** Variables under a prefix of ours that mean nothing: misspelt, most likely. */
  readonly unknown: readonly string[]
}

export interface Config {
  readonly environment: string
  readonly production: boolean
  readonly commit: string | undefined
  readonly buildDate: string | undefined
  readonly machine: {
    readonly id: string
    readonly region: string
    readonly app: string | undefined
    readonly imageRef: string | undefined
    readonly version: string | undefined
  }
  readonly listen: { readonly port: number } | { readonly socketPath: string }
  /** Where the supervisor wants to be told that the public port may open or must close. */
  readonly notifyFd: number | undefined
  readonly metricsPort: number
  readonly dataDir: string
  readonly database: {
    /** Absent: an embedded Postgres, outside production only. */
    readonly url: string | undefined
    readonly poolMax: number
    /** The longest wait for a client of the pool, opening a connection included. */
    readonly acquireTimeoutMs: number
    readonly statementTimeoutMs: number
    readonly lockTimeoutMs: number
    readonly idleInTransactionTimeoutMs: number
    /** A client held longer than this by one caller is reported with the place that took it. */
    readonly leakAfterMs: number
    readonly slowQueryMs: number
  }
  readonly health: {
    readonly checks: Readonly<Record<CheckKind, CheckTiming>>
    /** The wait after a run that disagrees with the present status. */
    readonly retryMs: number
    readonly failures: number
    readonly successes: number
    /** 0: never idle. */
    readonly idleAfterMs: number
    readonly readyStrict: boolean
    readonly poolStuckMs: number
    readonly startupDeadlineMs: number
  }
  readonly healing: {
    /** This machine may end itself for a fault of its own; somebody must be there to start it again. */
    readonly enabled: boolean
    /** How long such a fault must last. */
    readonly afterMs: number
  }
  readonly drainDelayMs: number
  readonly redisUrl: string | undefined
  readonly s3: S3Config | undefined
  readonly externalApis: readonly { readonly name: string; readonly url: string }[]
  readonly sentry: { readonly dsn: string; readonly load: 'on-error' | 'after-ready' } | undefined
  readonly operatorTokens: readonly string[]
  readonly probeTokens: readonly string[]
  /** Deployments and the like may be read without a token. */
  readonly statusPublic: boolean
  readonly history: {
    /** Single observations and what is counted by the minute; hours, days and incidents are kept for longer. */
    readonly retentionDays: number
    /** 0: the service does not probe itself. */
    readonly selfProbeIntervalMs: number
  }
  readonly logLevel: LogLevel
  /** Every secret value, for redaction. */
  readonly secrets: readonly string[]
}

export interface S3Config {
  readonly endpoint: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** A timer of Node holds 31 bits of milliseconds; a longer one would fire at once. */
const timerMaxMs = 2_147_483_647
const apiName = /^[a-z0-9][a-z0-9_-]{0,31}$/

export function readEnv(environment: Readonly<Record<string, string | undefined>>): Env {
  const values: Partial<Record<VariableName, string>> = {}
  for (const name of variableNames) {
    const value = environment[name]
    if (value !== undefined && value !== '') values[name] = value
  }
  const known = new Set<string>(variableNames)
  const unknown = Object.keys(environment).filter((name) => /^HEALTH_.*_MS$/.test(name) && !known.has(name))
  return { values, unknown }
}

export function toConfig(env: Env): Config {
  const { values } = env
  const problems: string[] = env.unknown.map((name) => `${name} is no variable of this service; see .env.example`)
  const take = reader(values, problems)

  const environment = values.ENVIRONMENT ?? values.NODE_ENV ?? 'development'
  const production = environment === 'production'
  if (production && values.DATABASE_URL === undefined) {
    problems.push('DATABASE_URL is not set; production has no embedded Postgres, so set it to a postgres:// URL')
  }
  const databaseUrl = take.url('DATABASE_URL', ['postgres:', 'postgresql:'])
  const redisUrl = take.url('REDIS_URL', ['redis:', 'rediss:'])
  const dsn = take.dsn('SENTRY_DSN')
  if (values.PORT !== undefined && values.SOCKET_PATH !== undefined) {
    problems.push('PORT and SOCKET_PATH are both set; the service listens on one of them, so unset the other')
  }
  const operatorTokens = take.tokens('OPERATOR_TOKEN')
  const probeTokens = take.tokens('PROBE_TOKEN')
  const s3 = take.s3()

  const config: Config = {
    environment,
    production,
    commit: values.COMMIT,
    buildDate: values.BUILD_DATE,
    machine: {
      id: values.FLY_MACHINE_ID ?? 'local',
      region: values.FLY_REGION ?? 'local',
      app: values.FLY_APP_NAME,
      imageRef: values.FLY_IMAGE_REF,
      version: values.FLY_MACHINE_VERSION,
    },
    listen:
      values.SOCKET_PATH === undefined
        ? { port: take.integer('PORT', 5_000, 0, 65_535) }
        : { socketPath: values.SOCKET_PATH },
    notifyFd: values.NOTIFY_FD === undefined ? undefined : take.integer('NOTIFY_FD', 3, 3, 1_023),
    metricsPort: take.integer('METRICS_PORT', 9_091, 0, 65_535),
    dataDir: values.DATA_DIR ?? '.medio',
    database: {
      url: databaseUrl,
      poolMax: take.integer('DATABASE_POOL_MAX', 10, 1, 1_000),
      acquireTimeoutMs: take.durationMs('DATABASE_ACQUIRE_TIMEOUT_MS', 5_000),
      statementTimeoutMs: take.durationMs('DATABASE_STATEMENT_TIMEOUT_MS', 10_000),
      lockTimeoutMs: take.durationMs('DATABASE_LOCK_TIMEOUT_MS', 5_000),
      idleInTransactionTimeoutMs: take.durationMs('DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS', 30_000),
      leakAfterMs: take.durationMs('DATABASE_LEAK_AFTER_MS', 30_000),
      slowQueryMs: take.integer('SLOW_QUERY_MS', 100, 0, timerMaxMs),
    },
    health: {
      checks: take.checkTimings(),
      retryMs: take.durationMs('HEALTH_RETRY_MS', 1_000),
      failures: take.integer('HEALTH_FAILURES', 3, 1, 100),
      successes: take.integer('HEALTH_SUCCESSES', 2, 1, 100),
      idleAfterMs: take.integer('HEALTH_IDLE_AFTER_MS', 0, 0, timerMaxMs),
      readyStrict: take.flag('HEALTH_READY_STRICT', false),
      poolStuckMs: take.durationMs('HEALTH_POOL_STUCK_MS', 10_000),
      startupDeadlineMs: take.durationMs('STARTUP_DEADLINE_MS', 5_000),
    },
    healing: {
      enabled: take.flag('HEALING_ENABLED', isStartedAgain(production, values)),
      afterMs: take.durationMs('HEALING_AFTER_MS', 120_000),
    },
    drainDelayMs: take.integer('DRAIN_DELAY_MS', production ? 8_000 : 0, 0, 240_000),
    redisUrl,
    s3,
    externalApis: take.externalApis(),
    sentry:
      dsn === undefined
        ? undefined
        : { dsn, load: take.choice('SENTRY_LOAD', ['on-error', 'after-ready'] as const, 'on-error') },
    operatorTokens,
    probeTokens,
    statusPublic: take.flag('STATUS_PUBLIC', !production),
    history: {
      retentionDays: take.integer('HISTORY_RETENTION_DAYS', 90, 1, 3_650),
      selfProbeIntervalMs: take.integer('SELF_PROBE_INTERVAL_MS', 30_000, 0, timerMaxMs),
    },
    logLevel: take.choice('LOG_LEVEL', logLevels, 'info'),
    secrets: distinct([
      ...[databaseUrl, redisUrl].flatMap((url) => (url === undefined ? [] : [url, ...passwordOf(url)])),
      ...(dsn === undefined ? [] : [dsn, new URL(dsn).username]),
      ...(s3 === undefined ? [] : [s3.secretAccessKey, s3.accessKeyId]),
      ...operatorTokens,
      ...probeTokens,
    ]),
  }
  if (problems.length > 0) throw new ConfigError(distinct(problems))
  return deepFreeze(config)
}

type Values = Env['values']

/** Production and whatever else runs on Fly; on a workstation a process that ends itself would stay away. */
const isStartedAgain = (production: boolean, values: Values) => production || values.FLY_MACHINE_ID !== undefined

function reader(values: Values, problems: string[]) {
  function integer(name: VariableName, fallback: number, least: number, most: number): number {
    const text = values[name]
    if (text === undefined) return fallback
    const number = /^-?\d{1,12}$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    problems.push(`${name} is not a whole number from ${least} to ${most}`)
    return fallback
  }

  function durationMs(name: VariableName, fallback: number): number {
    return integer(name, fallback, 1, timerMaxMs)
  }

  function flag(name: VariableName, fallback: boolean): boolean {
    return choice(name, ['true', 'false'] as const, fallback ? 'true' : 'false') === 'true'
  }

  function choice<const T extends string>(name: VariableName, allowed: readonly T[], fallback: T): T {
    const text = values[name]
    if (text === undefined) return fallback
    const found = allowed.find((word) => word === text)
    if (found === undefined) problems.push(`${name} is not one of ${allowed.join(', ')}`)
    return found ?? fallback
  }

  function url(name: VariableName, protocols: readonly string[]): string | undefined {
    const text = values[name]
    if (text === undefined) return undefined
    const parsed = URL.parse(text)
    if (parsed !== null && protocols.includes(parsed.protocol) && parsed.hostname + parsed.search !== '') return text
    problems.push(`${name} is not a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`)
    return undefined
  }

  /** https://docs.sentry.io/concepts/key-terms/dsn-explainer/: a key, a host and the number of a project. */
  function dsn(name: VariableName): string | undefined {
    const text = url(name, ['https:', 'http:'])
    if (text === undefined) return undefined
    const { username, pathname } = new URL(text)
    if (username !== '' && /\/\d+$/.test(pathname)) return text
    problems.push(`${name} is not of the form https://KEY@HOST/PROJECT; copy it from the project's settings`)
    return undefined
  }

  /** Several tokens, comma-separated, so that one can be rotated in before the other goes. */
  function tokens(name: VariableName): string[] {
    const found = (values[name] ?? '').split(',').map((token) => token.trim())
    if (values[name] === undefined) return []
    if (found.some((token) => !/^[\x21-\x7e]{16,}$/.test(token))) {
      problems.push(
        `${name} holds a token shorter than 16 characters or with white space; make one with: openssl rand -hex 24`,
      )
    }
    return found
  }

  function checkTimings(): Record<CheckKind, CheckTiming> {
    const timings = {} as Record<CheckKind, CheckTiming>
    for (const kind of checkKinds) {
      const upper = kind.toUpperCase() as Uppercase<CheckKind>
      const forAll = {
        intervalMs: durationMs('HEALTH_INTERVAL_MS', checkDefaults[kind].intervalMs),
        timeoutMs: durationMs('HEALTH_TIMEOUT_MS', checkDefaults[kind].timeoutMs),
      }
      timings[kind] = {
        intervalMs: durationMs(`HEALTH_${upper}_INTERVAL_MS`, forAll.intervalMs),
        timeoutMs: durationMs(`HEALTH_${upper}_TIMEOUT_MS`, forAll.timeoutMs),
      }
    }
    return timings
  }

  function externalApis(): { name: string; url: string }[] {
    if (values.EXTERNAL_APIS === undefined) return []
    const apis = values.EXTERNAL_APIS.split(',').map((pair) => {
      const at = pair.indexOf('=')
      return { name: pair.slice(0, Math.max(at, 0)).trim(), url: pair.slice(at + 1).trim() }
    })
    for (const [index, api] of apis.entries()) {
      const protocol = URL.parse(api.url)?.protocol
      if (!apiName.test(api.name) || (protocol !== 'https:' && protocol !== 'http:')) {
        problems.push(`EXTERNAL_APIS entry ${index + 1} is not name=https://…, with a name of a-z, 0-9, _ and -`)
      } else if (apis.findIndex((other) => other.name === api.name) < index) {
        problems.push(`EXTERNAL_APIS names ${api.name} twice`)
      }
    }
    return apis
  }

  /** Tigris sets all of these together; some without the others is a slip, not a choice. */
  function s3(): S3Config | undefined {
    const needed = ['AWS_ENDPOINT_URL_S3', 'BUCKET_NAME', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const
    const missing = needed.filter((name) => values[name] === undefined)
    if (missing.length === needed.length) return undefined
    for (const name of missing) problems.push(`${name} is not set, but another variable of the object storage is`)
    const endpoint = url('AWS_ENDPOINT_URL_S3', ['https:', 'http:'])
    return {
      endpoint: endpoint ?? '',
      bucket: values.BUCKET_NAME ?? '',
      accessKeyId: values.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: values.AWS_SECRET_ACCESS_KEY ?? '',
      region: values.AWS_REGION ?? 'auto',
    }
  }

  return { integer, durationMs, flag, choice, url, dsn, tokens, checkTimings, externalApis, s3 }
}

/** Both spellings of a password: as it stands in the URL and as the server sees it. */
function passwordOf(url: string): string[] {
  const { password } = new URL(url)
  if (password === '') return []
  try {
    return [password, decodeURIComponent(password)]
  } catch {
    return [password]
  }
}

const distinct = (texts: readonly string[]) => [...new Set(texts)].filter((text) => text !== '')

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  }
  return Object.freeze(value)
}
