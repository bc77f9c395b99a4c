import { expect, test } from 'vitest'
import { type LogLevel, readEnv, toConfig } from '../../src/config.ts'
import { createLogger, type Logger } from '../../src/telemetry/logger.ts'
import { requestContext } from '../../src/telemetry/request-context.ts'

function setUp({ level = 'info' as LogLevel, secrets = [] as readonly string[] } = {}) {
  const lines: string[] = []
  const log: Logger = createLogger({
    level,
    base: { machine: '28715d4c671438', region: 'iad', version: '1.0.0' },
    secrets,
    destination: {
      write: (line) => lines.push(line),
      flush() {
        lines.push('flushed')
      },
    },
  })
  const parsed = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { log, lines, parsed }
}

test('a line has the fields of the contract: the level as a word, the time in ISO 8601', () => {
  const { log, parsed } = setUp()
  const before = Date.now()
  log.info({ event: 'service_ready', port: 5000 }, 'ready')
  const [{ time, ...fields } = {}] = parsed()
  expect(fields).toEqual({
    level: 'info',
    machine: '28715d4c671438',
    region: 'iad',
    version: '1.0.0',
    event: 'service_ready',
    port: 5000,
    msg: 'ready',
  })
  expect(new Date(String(time)).toISOString()).toBe(time)
  expect(Date.parse(String(time))).toBeGreaterThanOrEqual(before)
  expect(Date.parse(String(time))).toBeLessThanOrEqual(Date.now())
})

test('a line within a request carries its ids and its route, and what the caller names wins', () => {
  const { log, parsed } = setUp()
  const span = { traceId: 't-1', spanId: 's-1', sampled: false, headers: () => ({}), end: () => undefined }
  const context = { requestId: 'r-1', flyRequestId: 'fly-1', span, route: () => '/api/machines/:id/events' }
  requestContext.run(context, () => {
    log.info({ event: 'slow_query' }, 'slow')
    log.info({ event: 'request_completed', requestId: 'r-2' }, 'done')
  })
  log.info({ event: 'service_ready' }, 'outside')
  const ids = parsed().map(({ requestId, flyRequestId, traceId, route }) => ({
    requestId,
    flyRequestId,
    traceId,
    route,
  }))
  expect(ids).toEqual([
    { requestId: 'r-1', flyRequestId: 'fly-1', traceId: 't-1', route: '/api/machines/:id/events' },
    { requestId: 'r-2', flyRequestId: 'fly-1', traceId: 't-1', route: '/api/machines/:id/events' },
    {},
  ])
})

test('what a request does not have is left out', () => {
  const { log, lines } = setUp()
  requestContext.run({ requestId: 'r-1', route: () => undefined }, () => log.info({ event: 'slow_query' }, 'slow'))
  expect(Object.keys(JSON.parse(lines[0] ?? ''))).not.toEqual(expect.arrayContaining(['traceId']))
  expect(lines[0]).not.toMatch(/traceId|flyRequestId|route/)
})

test('a level below the configured one writes nothing', () => {
  const { log, parsed } = setUp({ level: 'warn' })
  log.debug({ event: 'request_completed' }, 'no')
  log.info({ event: 'request_completed' }, 'no')
  log.warn({ event: 'slow_query' }, 'yes')
  expect(parsed().map(({ level, msg }) => [level, msg])).toEqual([['warn', 'yes']])
  expect([log.isLevelEnabled('info'), log.isLevelEnabled('error')]).toEqual([false, true])
})

test('an error is written with its type and causes', () => {
  const { log, parsed } = setUp()
  log.error({ event: 'request_failed', error: new TypeError('outer', { cause: new Error('inner') }) }, 'failed')
  expect(parsed()[0]?.error).toMatchObject({
    type: 'TypeError',
    message: 'outer',
    cause: { type: 'Error', message: 'inner' },
  })
})

test('a secret is gone from the message, nested fields, and the stack and the cause of an error', () => {
  const secret = 'hunter2-hunter2-hunter2'
  const { log, lines } = setUp({ secrets: [secret] })
  const error = new Error(`login ${secret}`, { cause: new Error(`redis://:${secret}@host`) })
  log.warn({ event: 'statement_failed', error, deep: { list: [secret] } }, `tried ${secret}`)
  expect(lines[0]).not.toContain(secret)
  expect(lines[0]?.match(/\[redacted\]/g)).toHaveLength(6)
})

test('every secret of the configuration is gone, alone and within what quotes it', () => {
  const { secrets } = toConfig(
    readEnv({
      DATABASE_URL: 'postgres://medio:pg%2Fpass%22word@db.internal:5432/medio',
      REDIS_URL: 'rediss://default:redis-password@redis.internal:6379',
      SENTRY_DSN: 'https://0123456789abcdef@o1.ingest.sentry.io/42',
      AWS_ENDPOINT_URL_S3: 'https://fly.storage.tigris.dev',
      BUCKET_NAME: 'medio',
      AWS_ACCESS_KEY_ID: 'tid_access_key',
      AWS_SECRET_ACCESS_KEY: 'tsec_secret+key/with=signs',
      OPERATOR_TOKEN: 'operator-token-one,operator-token-two',
      PROBE_TOKEN: 'probe-token-probe-token',
    }),
  )
  expect(new Set(secrets).size).toBe(12)
  const { log, lines } = setUp({ secrets })
  for (const secret of secrets) {
    const spellings = [secret, encodeURIComponent(secret), JSON.stringify({ secret })]
    log.info({ event: 'service_starting', spellings, nested: { secret } }, `said ${spellings.join(' and ')}`)
  }
  expect(lines).toHaveLength(secrets.length)
  for (const line of lines) expect(line.match(/\[redacted\]/g)).toHaveLength(7)
  for (const secret of ['pg/pass', 'pg%2F', 'redis-pass', '0123456789', 'tid_', 'tsec_', '-token-']) {
    expect(lines.join('')).not.toContain(secret)
  }
})

test('flush is handed to the destination', () => {
  const { log, lines } = setUp()
  log.flush()
  expect(lines).toEqual(['flushed'])
})
