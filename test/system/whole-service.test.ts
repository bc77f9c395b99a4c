import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { startHttpStandIn } from '../support/http-stand-in.ts'
import { startPostgresServer, type TestServer } from '../support/postgres.ts'
import { startS3StandIn } from '../support/s3-stand-in.ts'
import { type SentryReceiver, startSentryReceiver } from '../support/sentry-receiver.ts'
import { quickChecks, type RunningService, slackMs, startService } from '../support/service.ts'
import { runPromtool } from './promtool.ts'
import { type RedisServer, startRedisServer } from './redis-server.ts'

const operatorToken = 'operator-token-of-the-system-test'
const bucket = { bucket: 'medio', accessKeyId: 'access-key-id', secretAccessKey: 'secret-access-key', region: 'auto' }

/** Node.js defaults under the names that community boards know. */
const exempted = new Set([
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
  'nodejs_eventloop_utilization_histogram',
  'nodejs_eventloop_utilization_summary',
])

describe('the production bundle with everything configured', () => {
  let postgres: TestServer
  let redis: RedisServer
  let s3: Awaited<ReturnType<typeof startS3StandIn>>
  let api: Awaited<ReturnType<typeof startHttpStandIn>>
  let sentry: SentryReceiver
  let service: RunningService

  beforeAll(async () => {
    const programs = join(inject('appDirectory'), 'dist/bin')
    ;[postgres, redis, s3, api, sentry] = await Promise.all([
      startPostgresServer(),
      startRedisServer(),
      startS3StandIn(bucket),
      startHttpStandIn(),
      startSentryReceiver(),
    ])
    const env = { PATH: process.env.PATH, DATABASE_URL: postgres.url }
    execFileSync(process.execPath, [join(programs, 'medio.js'), 'migrate'], { env })
    service = await startService(
      {
        ...quickChecks.env,
        NODE_ENV: 'production',
        DATABASE_URL: postgres.url,
        REDIS_URL: redis.url,
        AWS_ENDPOINT_URL_S3: s3.endpoint,
        BUCKET_NAME: bucket.bucket,
        AWS_ACCESS_KEY_ID: bucket.accessKeyId,
        AWS_SECRET_ACCESS_KEY: bucket.secretAccessKey,
        AWS_REGION: bucket.region,
        EXTERNAL_APIS: `payments=${api.url}`,
        SENTRY_DSN: sentry.dsn,
        OPERATOR_TOKEN: operatorToken,
      },
      join(programs, 'server.js'),
    )
    await service.logged('metrics_listening')
  })

  afterAll(async () => {
    await service?.[Symbol.asyncDispose]()
    await Promise.all([
      postgres?.[Symbol.asyncDispose](),
      redis?.[Symbol.asyncDispose](),
      s3?.close(),
      api?.close(),
      sentry?.close(),
    ])
  })

  const deep = async () => {
    const response = await fetch(`${service.url}/api/health/deep`, {
      headers: { Authorization: `Bearer ${operatorToken}` },
    })
    return { statusCode: response.status, body: (await response.json()) as { checks: Record<string, object> } }
  }
  const redisReason = (answer: Awaited<ReturnType<RunningService['health']>>) =>
    answer.body.reasons.find((reason) => reason.check === 'redis')

  it('finds each of its dependencies healthy, in the background and deep', async () => {
    const { answer } = await service.until(
      ({ body }) => body.status === 'healthy' && body.dependencies.s3 === 'healthy',
    )
    expect(answer.body.dependencies).toEqual({ redis: 'healthy', s3: 'healthy', external_api: 'healthy' })
    const { statusCode, body } = await deep()
    expect(statusCode).toBe(200)
    for (const name of ['database', 'migrations', 'redis', 's3', 'external_api:payments', 'disk', 'sentry']) {
      expect(body.checks[name], name).toMatchObject({ status: 'healthy', code: null })
    }
  })

  it('names media types, reads queries and refuses charsets without what the bundle leaves out', async () => {
    const index = await fetch(`${service.url}/?nested[key]=1&list=1&list=2`)
    expect([index.status, index.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
    const post = (charset: string) =>
      fetch(`${service.url}/api/deployments`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${operatorToken}`, 'Content-Type': `application/json; charset=${charset}` },
        body: '{"version":"é"}',
      })
    expect(await (await post('utf-8')).json()).toMatchObject({ version: 'é', recorded: true })
    const refused = await post('shift_jis')
    expect([refused.status, refused.headers.get('content-type')]).toEqual([
      415,
      'application/problem+json; charset=utf-8',
    ])
  })

  it('serves metrics that promtool passes but for the Node.js defaults', async () => {
    await fetch(`${service.url}/`)
    const { complaints } = runPromtool(await (await fetch(service.metricsUrl)).text())
    expect(new Set(complaints.map((complaint) => complaint.split(' ')[0]))).toEqual(exempted)
  })

  it('stays up, degraded, while Redis hangs, and recovers', async () => {
    redis.pause()
    const { answer, tookMs } = await service.until((each) => redisReason(each) !== undefined)
    expect(tookMs).toBeLessThan(quickChecks.intervalMs + quickChecks.timeoutMs + slackMs)
    expect(redisReason(answer)).toMatchObject({ code: 'timeout' })
    expect(answer).toMatchObject({ statusCode: 200, body: { status: 'degraded' } })
    redis.resume()
    await service.until(({ body }) => body.status === 'healthy')
  })

  it('stays up, degraded, while Redis is gone, and recovers on a new connection', async () => {
    await redis.kill()
    const { answer } = await service.until((each) => redisReason(each)?.status === 'unhealthy')
    expect(redisReason(answer)?.code).toBe('connection_refused')
    expect(answer).toMatchObject({ statusCode: 200, body: { status: 'degraded' } })
    await redis.start()
    await service.until(({ body }) => body.status === 'healthy')
  })

  it('delivers an error that nobody caught, with its machine and release, and ends with 1', async () => {
    service.signal('SIGUSR2')
    expect(await service.exited).toBe(1)
    expect(sentry.events).toHaveLength(1)
    const event = sentry.events[0]?.event
    expect(event).toMatchObject({ release: '1.0.0', environment: 'production', server_name: 'local', level: 'fatal' })
    expect(event?.exception?.values?.[0]).toMatchObject({ type: 'Error', value: 'boom' })
    expect(JSON.stringify(sentry.events)).not.toContain(operatorToken)
  })
})
