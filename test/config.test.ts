import { describe, expect, it } from 'vitest'
import { readEnv, toConfig } from '../src/config.ts'
import { ConfigError } from '../src/errors.ts'

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    toConfig(readEnv(environment))
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('the configuration', () => {
  it('is complete without a single variable outside production', () => {
    const config = toConfig(readEnv({}))
    expect(config).toMatchObject({
      environment: 'development',
      production: false,
      listen: { port: 5_000 },
      metricsPort: 9_091,
      machine: { id: 'local', region: 'local' },
      database: { url: undefined, poolMax: 10, slowQueryMs: 100 },
      externalApis: [],
      secrets: [],
    })
    expect(config.health).toMatchObject({ retryMs: 1_000, failures: 3, successes: 2, startupDeadlineMs: 5_000 })
    expect(config.health.checks.database).toEqual({ intervalMs: 5_000, timeoutMs: 2_000 })
  })

  it('says for how long history is kept and how often the service probes itself, and takes no nonsense for it', () => {
    expect(toConfig(readEnv({})).history).toEqual({ retentionDays: 90, selfProbeIntervalMs: 30_000 })
    const set = toConfig(readEnv({ HISTORY_RETENTION_DAYS: '7', SELF_PROBE_INTERVAL_MS: '0' }))
    expect(set.history).toEqual({ retentionDays: 7, selfProbeIntervalMs: 0 })
    expect(problemsOf({ HISTORY_RETENTION_DAYS: '0', SELF_PROBE_INTERVAL_MS: '30s' })).toEqual([
      'HISTORY_RETENTION_DAYS is not a whole number from 1 to 3650',
      'SELF_PROBE_INTERVAL_MS is not a whole number from 0 to 2147483647',
    ])
  })

  it('reports every problem at once, each by the name of its variable', () => {
    const problems = problemsOf({
      NODE_ENV: 'production',
      PORT: '5000x',
      METRICS_PORT: '70000',
      HEALTH_FAILURES: '0',
      HEALTH_READY_STRICT: 'yes',
      LOG_LEVEL: 'loud',
      EXTERNAL_APIS: 'Pay Pal=https://example.test',
    })
    const named = problems.map((problem) => /^[A-Z_]+/.exec(problem)?.[0])
    expect(named).toEqual([
      'DATABASE_URL',
      'PORT',
      'METRICS_PORT',
      'HEALTH_FAILURES',
      'HEALTH_READY_STRICT',
      'EXTERNAL_APIS',
      'LOG_LEVEL',
    ])
  })

  it('never repeats a value in a problem', () => {
    const secret = 'hunter2-hunter2-hunter2'
    const problems = problemsOf({
      DATABASE_URL: `mysql://medio:${secret}@db/medio`,
      REDIS_URL: `://${secret}`,
      SENTRY_DSN: secret,
      OPERATOR_TOKEN: `short,${secret} ${secret}`,
      AWS_SECRET_ACCESS_KEY: secret,
      PORT: secret,
    })
    expect(problems.length).toBeGreaterThanOrEqual(6)
    expect(problems.join('\n')).not.toContain(secret)
    expect(problems.join('\n')).not.toContain('hunter2')
  })

  it('refuses a number that is not one instead of taking the default', () => {
    for (const value of ['1e3', '0x10', ' 5', '5.5', '-1', '99999999999999', 'NaN']) {
      expect(problemsOf({ DATABASE_POOL_MAX: value })).toEqual([
        'DATABASE_POOL_MAX is not a whole number from 1 to 1000',
      ])
    }
  })

  it('takes an empty variable for an absent one', () => {
    expect(toConfig(readEnv({ PORT: '', DATABASE_URL: '' })).listen).toEqual({ port: 5_000 })
  })

  it('treats staging as no production even when NODE_ENV says production', () => {
    const config = toConfig(readEnv({ NODE_ENV: 'production', ENVIRONMENT: 'staging' }))
    expect(config).toMatchObject({ environment: 'staging', production: false })
  })

  it('lets the timing of one check win over the timing of all', () => {
    const { checks } = toConfig(readEnv({ HEALTH_INTERVAL_MS: '900', HEALTH_REDIS_INTERVAL_MS: '70' })).health
    expect(checks.redis).toEqual({ intervalMs: 70, timeoutMs: 1_000 })
    expect(checks.memory).toEqual({ intervalMs: 900, timeoutMs: 1_000 })
  })

  it('names a misspelt health variable instead of ignoring it', () => {
    expect(problemsOf({ HEALTH_DATABSE_INTERVAL_MS: '5' })).toEqual([
      'HEALTH_DATABSE_INTERVAL_MS is no variable of this service; see .env.example',
    ])
  })

  it.each([
    [false, 'on a workstation', {}],
    [true, 'in production', { NODE_ENV: 'production', DATABASE_URL: 'postgres://db/medio' }],
    [true, 'in staging on Fly', { ENVIRONMENT: 'staging', FLY_MACHINE_ID: '28715d4c671438' }],
    [false, 'where it is switched off', { FLY_MACHINE_ID: '28715d4c671438', HEALING_ENABLED: 'false' }],
    [true, 'where it is switched on', { HEALING_ENABLED: 'true' }],
  ])('has self-healing %s %s', (enabled, _where, environment) => {
    expect(toConfig(readEnv(environment)).healing).toEqual({ enabled, afterMs: 120_000 })
  })

  it('wants one place to listen, not two', () => {
    expect(problemsOf({ PORT: '1', SOCKET_PATH: '/run/medio/app.sock' })).toHaveLength(1)
    expect(toConfig(readEnv({ SOCKET_PATH: '/run/medio/app.sock' })).listen).toEqual({
      socketPath: '/run/medio/app.sock',
    })
  })

  it('says which variables of the object storage are missing when some are set', () => {
    expect(problemsOf({ BUCKET_NAME: 'b', AWS_ENDPOINT_URL_S3: 'https://fly.storage.tigris.dev' })).toEqual([
      'AWS_ACCESS_KEY_ID is not set, but another variable of the object storage is',
      'AWS_SECRET_ACCESS_KEY is not set, but another variable of the object storage is',
    ])
  })

  it('refuses a DSN without a key or a project', () => {
    for (const dsn of ['https://sentry.example/1', 'https://key@sentry.example/', 'https://key@sentry.example/x']) {
      expect(problemsOf({ SENTRY_DSN: dsn })).toEqual([
        "SENTRY_DSN is not of the form https://KEY@HOST/PROJECT; copy it from the project's settings",
      ])
    }
  })

  it('collects every secret for redaction, passwords in both spellings', () => {
    const { secrets } = toConfig(
      readEnv({
        DATABASE_URL: 'postgres://medio:p%40ssword@db/medio',
        REDIS_URL: 'redis://:redis-password@cache',
        SENTRY_DSN: 'https://dsn-public-key@sentry.example/1',
        AWS_ENDPOINT_URL_S3: 'https://storage.example',
        BUCKET_NAME: 'bucket',
        AWS_ACCESS_KEY_ID: 'access-key-id',
        AWS_SECRET_ACCESS_KEY: 'secret-access-key',
        OPERATOR_TOKEN: 'operator-token-one,operator-token-two',
        PROBE_TOKEN: 'probe-token-abcdef',
      }),
    )
    expect(secrets).toEqual([
      'postgres://medio:p%40ssword@db/medio',
      'p%40ssword',
      'p@ssword',
      'redis://:redis-password@cache',
      'redis-password',
      'https://dsn-public-key@sentry.example/1',
      'dsn-public-key',
      'secret-access-key',
      'access-key-id',
      'operator-token-one',
      'operator-token-two',
      'probe-token-abcdef',
    ])
  })

  it('can not be changed afterwards', () => {
    const config = toConfig(readEnv({}))
    expect(() => Object.assign(config.health, { failures: 1 })).toThrow(TypeError)
  })

  it('reads the external APIs by name', () => {
    const { externalApis } = toConfig(
      readEnv({ EXTERNAL_APIS: 'pay=https://pay.example/up?a=b,mail=http://mail.example' }),
    )
    expect(externalApis).toEqual([
      { name: 'pay', url: 'https://pay.example/up?a=b' },
      { name: 'mail', url: 'http://mail.example' },
    ])
    expect(problemsOf({ EXTERNAL_APIS: 'pay=https://a.example,pay=https://b.example' })).toEqual([
      'EXTERNAL_APIS names pay twice',
    ])
  })
})
