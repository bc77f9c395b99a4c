import { describe, expect, it } from 'vitest'
import { readEnv, secretNames, toConfig } from '../../src/config.ts'
import { readDockerfile } from '../../src/lint/dockerfile.ts'
import { effectiveConfig, effectiveEnvironment } from '../../src/lint/effective-environment.ts'
import { readFlyToml } from '../../src/lint/fly-toml.ts'

function environmentOf(env: string, image = 'NODE_ENV=production') {
  const fly = readFlyToml('fly.toml', `[env]\n${env}\n`).value
  const dockerfile = readDockerfile('Dockerfile', `FROM node\nENV ${image}\n`).value
  if (fly === undefined || dockerfile === undefined) throw new Error('the files of this test can not be read')
  return effectiveEnvironment(dockerfile, fly)
}

describe('the environment that the service will find', () => {
  it("is the image's with that of fly.toml over it", () => {
    const environment = environmentOf('METRICS_PORT = 9100\nLOG_LEVEL = "warn"', 'METRICS_PORT=1 DATA_DIR=/data')
    expect(Object.fromEntries(environment)).toEqual({
      METRICS_PORT: { value: '9100', at: { file: 'fly.toml', line: 2 } },
      DATA_DIR: { value: '/data', at: { file: 'Dockerfile', line: 2 } },
      LOG_LEVEL: { value: 'warn', at: { file: 'fly.toml', line: 3 } },
    })
  })

  it('is read as the service reads it, with placeholders for the secrets that it needs', () => {
    const config = effectiveConfig(environmentOf('BUCKET_NAME = "spool"')).value
    expect(config).toMatchObject({ production: true, drainDelayMs: 8_000, s3: { bucket: 'spool' } })
  })

  it('names every variable that can not be read, in its line', () => {
    const { problems } = effectiveConfig(
      environmentOf('PORT = "many"\nHEALTH_POOL_MS = "5"', 'NODE_ENV=production LOG_LEVEL=loud'),
    )
    expect(problems?.map(({ at, what }) => `${at.file}:${at.line} ${what}`)).toEqual([
      'fly.toml:3 the service would not start: HEALTH_POOL_MS is no variable of this service; see .env.example',
      'fly.toml:2 the service would not start: PORT is not a whole number from 0 to 65535',
      'Dockerfile:2 the service would not start: LOG_LEVEL is not one of trace, debug, info, warn, error, fatal, silent',
    ])
  })
})

describe('the secret variables', () => {
  it('are those whose values the configuration keeps out of logs', () => {
    const values: Record<string, string> = {
      DATABASE_URL: 'postgres://database-host/medio',
      REDIS_URL: 'redis://redis-host',
      AWS_ENDPOINT_URL_S3: 'https://storage-host',
      BUCKET_NAME: 'bucket-name',
      AWS_ACCESS_KEY_ID: 'access-key-id',
      AWS_SECRET_ACCESS_KEY: 'secret-access-key',
      AWS_REGION: 'region-name',
      SENTRY_DSN: 'https://key@sentry-host/1',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector-host',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=header-value',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-key=traces-value',
      OPERATOR_TOKEN: 'operator-token-0123',
      PROBE_TOKEN: 'probe-token-0123456',
      EXTERNAL_APIS: 'api=https://api-host',
      COMMIT: 'commit-hash',
    }
    const { secrets } = toConfig(readEnv(values))
    const kept = Object.keys(values).filter((name) => secrets.includes(values[name] ?? ''))
    expect(kept.toSorted()).toEqual(secretNames.toSorted())
  })
})
