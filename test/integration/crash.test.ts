import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type SentryReceiver, startSentryReceiver } from '../support/sentry-receiver.ts'
import { quickChecks, type RunningService, startService } from '../support/service.ts'

let database: TestDatabase
let receiver: SentryReceiver
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  receiver = await startSentryReceiver()
})
afterEach(() => receiver.close())

/** NODE_OPTIONS that run this code before the service, with no white space in them. */
const preload = (code: string) => ({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` })
const rejectAtSighup = `process.on('SIGHUP', () => void Promise.reject(new TypeError('nobody awaited this')))`
/** Writes each module of the SDK to stderr as it is loaded. */
const tellSdkModules = `
  import { registerHooks } from 'node:module'
  registerHooks({
    load(url, context, next) {
      if (url.includes('/@sentry/')) process.stderr.write('loaded ' + url + '\\n')
      return next(url, context)
    },
  })`

function start(env: Readonly<Record<string, string>> = {}): Promise<RunningService> {
  return startService({
    DATABASE_URL: database.url,
    SENTRY_DSN: receiver.dsn,
    ENVIRONMENT: 'staging',
    FLY_MACHINE_ID: '28715d4c671438',
    FLY_REGION: 'iad',
    ...env,
  })
}

describe('an error that nobody caught', () => {
  it('is logged with its stack and delivered before the end, although the SDK was not loaded', async () => {
    await using service = await start(preload(tellSdkModules))
    await service.logged('metrics_listening')
    expect(service.stderr()).not.toContain('@sentry')

    service.signal('SIGUSR2')
    expect(await service.exited).toBe(1)
    expect(await service.logged('uncaught_error')).toMatchObject({
      level: 'fatal',
      machine: '28715d4c671438',
      region: 'iad',
      error: { type: 'Error', message: 'boom', stack: expect.stringMatching(/^Error: boom\n {4}at /) },
    })
    expect(service.stderr()).toContain('@sentry')
    expect(receiver.events).toHaveLength(1)
    expect(receiver.events[0]?.event).toMatchObject({
      level: 'fatal',
      release: '1.0.0',
      environment: 'staging',
      server_name: '28715d4c671438',
      tags: { machine: '28715d4c671438', region: 'iad' },
      exception: { values: [{ type: 'Error', value: 'boom', mechanism: { handled: false } }] },
    })
  })

  it('may be a rejection that nobody awaited', async () => {
    await using service = await start(preload(rejectAtSighup))
    await service.logged('metrics_listening')
    service.signal('SIGHUP')
    expect(await service.exited).toBe(1)
    const { error } = await service.logged('uncaught_error')
    expect(error).toMatchObject({ type: 'TypeError', message: 'nobody awaited this' })
    expect(receiver.events.map(({ event }) => event.exception?.values?.[0]?.value)).toEqual(['nobody awaited this'])
  })

  it('ends the process in time also when the receiver never answers', async () => {
    receiver.set('hang')
    await using service = await start()
    await service.logged('metrics_listening')
    const begunMs = performance.now()
    service.signal('SIGUSR2')
    expect(await service.exited).toBe(1)
    expect(performance.now() - begunMs).toBeLessThan(4_500)
    expect(receiver.events).toHaveLength(1)
  })

  it('ends a process without a DSN at once, and is in its log', async () => {
    await using service = await start({ SENTRY_DSN: '' })
    await service.logged('metrics_listening')
    service.signal('SIGUSR2')
    expect(await service.exited).toBe(1)
    expect((await service.logged('uncaught_error')).error).toMatchObject({ message: 'boom' })
    expect(receiver.requests()).toBe(0)
  })

  it('ends a process that drains with 1, too', async () => {
    await using service = await start({ DRAIN_DELAY_MS: '60000' })
    await service.logged('metrics_listening')
    service.signal('SIGINT')
    await service.logged('service_draining')
    service.signal('SIGUSR2')
    expect(await service.exited).toBe(1)
    expect(receiver.events).toHaveLength(1)
  })
})

describe('what is no error of ours', () => {
  it('is never reported: failing checks, unhealthy answers, refused requests', async () => {
    await using service = await start({
      ...quickChecks.env,
      ...preload(tellSdkModules),
      EXTERNAL_APIS: 'pay=http://127.0.0.1:9/',
    })
    await service.logged('metrics_listening')
    await service.until(({ body }) => body.reasons.some((reason) => reason.check === 'external_api:pay'))
    for (const path of ['/deep', '/nothing', '/checks/nothing', '?format=xml', '/checks/external_api:pay']) {
      await fetch(`${service.url}/api/health${path}`)
    }
    await fetch(`${service.url}/nothing`)
    await fetch(`${service.url}/api/deployments`, { method: 'POST' })
    service.signal('SIGINT')
    expect(await service.exited).toBe(0)
    expect(receiver.requests()).toBe(0)
    expect(service.stderr()).not.toContain('@sentry')
  })
})

describe('SENTRY_LOAD=after-ready', () => {
  it('loads the SDK after the service is ready, and sends nothing by itself', async () => {
    await using service = await start({ ...preload(tellSdkModules), SENTRY_LOAD: 'after-ready' })
    await service.logged('error_reporter_loaded')
    const events = service.lines.map((line) => line.event)
    expect(events.indexOf('error_reporter_loaded')).toBeGreaterThan(events.indexOf('service_ready'))
    expect(service.stderr()).toContain('@sentry')
    expect(receiver.requests()).toBe(0)
    service.signal('SIGUSR2')
    expect(await service.exited).toBe(1)
    expect(receiver.events).toHaveLength(1)
  })
})
