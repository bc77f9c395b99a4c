import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { createErrorReporter } from '../../src/telemetry/error-reporter.ts'
import { type ReceiverMode, type SentryReceiver, startSentryReceiver } from '../support/sentry-receiver.ts'

// Each client of the SDK listens for the end of the process; the service has one, this file one per test.
process.setMaxListeners(40)

const receivers: SentryReceiver[] = []

interface SetUp {
  dsn?: string
  secrets?: readonly string[]
  deliveryTimeoutMs?: number
  mode?: ReceiverMode
}

async function setUp(options: SetUp = {}) {
  const receiver = await startSentryReceiver()
  receivers.push(receiver)
  receiver.set(options.mode ?? 'ok')
  const lines: unknown[] = []
  const log = (fields: object) => lines.push(fields)
  const reporter = createErrorReporter({
    sentry: { dsn: options.dsn ?? receiver.dsn, load: 'on-error' },
    release: 'medio@1.0.0+abc123',
    environment: 'staging',
    machine: '28715d4c671438',
    region: 'iad',
    secrets: [receiver.dsn, ...(options.secrets ?? [])],
    log: { info: log, warn: log },
    ...(options.deliveryTimeoutMs === undefined ? {} : { deliveryTimeoutMs: options.deliveryTimeoutMs }),
  })
  return { receiver, reporter, lines }
}

afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.close()
})

describe('an error with a DSN configured', () => {
  test('arrives with release, environment, machine, region and request id', async () => {
    const { receiver, reporter } = await setUp()
    reporter.capture(new Error('it broke', { cause: new TypeError('because of this') }), { requestId: 'req-17' })
    expect(await reporter.flush(10_000)).toBe(true)
    expect(receiver.events).toHaveLength(1)
    const event = receiver.events[0]?.event
    expect(event).toMatchObject({
      release: 'medio@1.0.0+abc123',
      environment: 'staging',
      server_name: '28715d4c671438',
      level: 'error',
      tags: { machine: '28715d4c671438', region: 'iad', request_id: 'req-17' },
    })
    expect(event?.exception?.values?.map(({ type, value }) => [type, value])).toEqual([
      ['TypeError', 'because of this'],
      ['Error', 'it broke'],
    ])
    expect(reporter.lastDelivery()).toEqual({ state: 'delivered' })
  })

  test('carries nothing about the user or the request', async () => {
    const { receiver, reporter } = await setUp()
    reporter.capture(new Error('it broke'))
    await reporter.flush(10_000)
    expect(receiver.events[0]?.event.user).toBeUndefined()
    expect(receiver.events[0]?.event.request).toBeUndefined()
  })

  test('says of an uncaught one that nobody handled it', async () => {
    const { receiver, reporter } = await setUp()
    reporter.capture(new Error('the end'), { uncaught: true })
    await reporter.flush(10_000)
    expect(receiver.events[0]?.event.level).toBe('fatal')
    expect(receiver.events[0]?.event.exception?.values?.[0]?.mechanism?.handled).toBe(false)
  })

  test('never carries a secret, in its message, its cause or its tags', async () => {
    const secret = 'p@ss word/1"quoted"'
    const { receiver, reporter } = await setUp({ secrets: [secret] })
    const cause = new Error(`could not open postgres://medio:${encodeURIComponent(secret)}@db/medio`)
    reporter.capture(new Error(`login with ${secret}`, { cause }), { tags: { where: secret } })
    await reporter.flush(10_000)
    const { text: sent = '' } = receiver.events[0] ?? {}
    expect(sent).toContain('login with [redacted]')
    expect(sent).toContain('postgres://medio:[redacted]@db/medio')
    expect(sent).toContain('"where":"[redacted]"')
    expect(sent).not.toContain('p@ss')
    expect(sent).not.toContain('p%40ss')
  })

  test('never carries the value that a data exception of Postgres quotes', async () => {
    const { receiver, reporter } = await setUp()
    const fault = Object.assign(new Error('invalid input syntax for type uuid: "anna@example.org"'), { code: '22P02' })
    reporter.capture(new Error('select_user: invalid input: "anna@example.org"', { cause: fault }))
    await reporter.flush(10_000)
    expect(receiver.events[0]?.text).toContain('invalid input syntax for type uuid: \\"…\\"')
    expect(receiver.events[0]?.text).not.toContain('anna')
  })
})

describe('the last delivery', () => {
  test('is none before the first error', async () => {
    const { reporter } = await setUp()
    expect(reporter.lastDelivery()).toEqual({ state: 'none' })
  })

  test('is failed after an answer of 500, delivered again after the next that arrives, and logged once', async () => {
    const { receiver, reporter, lines } = await setUp({ mode: '500' })
    reporter.capture(new Error('one'))
    await reporter.flush(10_000)
    reporter.capture(new Error('two'))
    await reporter.flush(10_000)
    expect(reporter.lastDelivery()).toEqual({
      state: 'failed',
      code: 'bad_response',
      message: 'the receiver answered 500',
    })
    receiver.set('ok')
    reporter.capture(new Error('three'))
    await reporter.flush(10_000)
    expect(reporter.lastDelivery()).toEqual({ state: 'delivered' })
    expect(lines.filter((line) => (line as { event: string }).event === 'error_reporter_failed')).toHaveLength(1)
  })

  test('is failed while the receiver asks for a pause, and nothing is sent in it', async () => {
    const { receiver, reporter } = await setUp({ mode: '429' })
    reporter.capture(new Error('one'))
    await reporter.flush(10_000)
    expect(reporter.lastDelivery()).toMatchObject({ state: 'failed', message: 'the receiver answered 429' })
    receiver.set('ok')
    reporter.capture(new Error('two'))
    await reporter.flush(10_000)
    expect(receiver.requests()).toBe(1)
    expect(reporter.lastDelivery()).toMatchObject({ state: 'failed', code: 'bad_response' })
  })

  test('is failed with connection_refused when nobody listens', async () => {
    const { receiver, reporter } = await setUp()
    await receiver.close()
    reporter.capture(new Error('one'))
    await reporter.flush(10_000)
    expect(reporter.lastDelivery()).toMatchObject({ state: 'failed', code: 'connection_refused' })
  })

  test('is failed with timeout when the receiver does not answer', async () => {
    const { receiver, reporter } = await setUp({ mode: 'hang', deliveryTimeoutMs: 50 })
    reporter.capture(new Error('one'))
    await receiver.received(1)
    await expect.poll(() => reporter.lastDelivery()).toMatchObject({ state: 'failed', code: 'timeout' })
  })
})

test('a DSN that Sentry could not have issued is told as a failed delivery and never printed', async () => {
  const { reporter, lines } = await setUp({ dsn: 'https://0123456789abcdef@sentry.example/no-project' })
  reporter.capture(new Error('one'))
  expect(await reporter.flush(10_000)).toBe(false)
  expect(reporter.lastDelivery()).toMatchObject({ state: 'failed', code: 'check_failed' })
  expect(lines).toMatchObject([
    { event: 'error_reporter_failed', error: { message: expect.stringContaining('SENTRY_DSN') } },
  ])
  expect(JSON.stringify(lines)).not.toContain('0123456789abcdef')
})

test('a flush ends at its deadline when the receiver does not answer', async () => {
  const { receiver, reporter } = await setUp({ mode: 'hang' })
  reporter.capture(new Error('one'))
  await receiver.received(1)
  const startedMs = performance.now()
  expect(await reporter.flush(200)).toBe(false)
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(190)
  expect(performance.now() - startedMs).toBeLessThan(2_000)
})

test('errors captured while the SDK loads are kept up to a bound', async () => {
  const { receiver, reporter } = await setUp()
  for (let count = 0; count < 30; count += 1) reporter.capture(new Error(`error ${count}`))
  await reporter.flush(10_000)
  expect(receiver.events).toHaveLength(20)
})

/** Runs a script with a reporter in a process of its own; `SDK` counts as loaded when one of its files was resolved. */
async function runScript(script: string, dsn: string | undefined) {
  const source = `
    import { registerHooks } from 'node:module'
    let sdkLoaded = false
    registerHooks({ resolve(specifier, context, next) { sdkLoaded ||= specifier.startsWith('@sentry/'); return next(specifier, context) } })
    const { createErrorReporter } = await import(${JSON.stringify(new URL('../../src/telemetry/error-reporter.ts', import.meta.url).href)})
    const silent = () => {}
    const dsn = ${JSON.stringify(dsn)}
    const reporter = createErrorReporter({ sentry: dsn && { dsn, load: 'on-error' }, release: 'r', environment: 'test', machine: 'm', region: 'l', secrets: [], log: { info: silent, warn: silent } })
    const say = (fields) => console.log(JSON.stringify({ sdkLoaded, ...fields }))
    ${script}
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return {
    output: output
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown),
    errors,
    code,
  }
}

describe('in a process of its own', () => {
  test('without a DSN the SDK is not loaded, not even by an error', async () => {
    const { output } = await runScript(
      `reporter.capture(new Error('x')); await reporter.load(); say({ flushed: await reporter.flush(1000), configured: reporter.configured })`,
      undefined,
    )
    expect(output).toEqual([{ sdkLoaded: false, flushed: true, configured: false }])
  })

  test('with a DSN the SDK is loaded by the first error and not before', async () => {
    const receiver = await startSentryReceiver()
    receivers.push(receiver)
    const { output } = await runScript(
      `say({}); reporter.capture(new Error('x')); await reporter.flush(20000); say({}); process.exit()`,
      receiver.dsn,
    )
    expect(output).toEqual([{ sdkLoaded: false }, { sdkLoaded: true }])
    expect(receiver.events).toHaveLength(1)
  })

  test('the loaded SDK patches neither http nor the globals, nor a module loaded after it, and catches no error of the process', async () => {
    const receiver = await startSentryReceiver()
    receivers.push(receiver)
    const { output } = await runScript(
      `
      import http from 'node:http'
      const seams = () => [http.request, http.get, http.Server.prototype.emit, globalThis.fetch, console.log, Function.prototype.toString, setTimeout, Promise.prototype.then]
      const before = seams()
      await reporter.load()
      reporter.capture(new Error('x'))
      await reporter.flush(20000)
      const names = ['uncaughtException', 'unhandledRejection', 'SIGTERM', 'SIGINT', 'exit', 'warning', 'multipleResolves', 'rejectionHandled', 'uncaughtExceptionMonitor']
      const { default: pg } = await import(${JSON.stringify(import.meta.resolve('pg'))})
      const rewritten = /orchestrion|tr_ch/.test(String(pg.Client.prototype.query) + String(pg.Pool.prototype.connect))
      say({ rewritten, same: seams().every((seam, index) => seam === before[index]), listeners: names.filter((name) => process.listenerCount(name) > (name === 'warning' ? 1 : 0)) })
      process.exit()
      `,
      receiver.dsn,
    )
    expect(output).toEqual([{ sdkLoaded: true, rewritten: false, same: true, listeners: [] }])
  })

  test('an uncaught error is delivered before the process exits with 1', async () => {
    const receiver = await startSentryReceiver()
    receivers.push(receiver)
    const { code } = await runScript(
      `
      process.once('uncaughtException', async (error) => {
        reporter.capture(error, { uncaught: true })
        await reporter.flush(20000)
        process.exit(1)
      })
      setImmediate(() => { throw new Error('nobody caught me') })
      `,
      receiver.dsn,
    )
    expect(code).toBe(1)
    expect(receiver.events[0]?.event.exception?.values?.[0]?.value).toBe('nobody caught me')
  })
})
