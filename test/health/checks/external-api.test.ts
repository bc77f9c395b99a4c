import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createExternalApiCheck } from '../../../src/health/checks/external-api.ts'
import { classifyFailure } from '../../../src/health/checks/failure-code.ts'
import { startHttpStandIn } from '../../support/http-stand-in.ts'

const { signal } = new AbortController()
let api: Awaited<ReturnType<typeof startHttpStandIn>>
beforeEach(async () => {
  api = await startHttpStandIn()
})
afterEach(() => api.close())

async function failureOf(work: unknown) {
  const error = await Promise.resolve(work).then(
    () => expect.unreachable('the check was to fail'),
    (reason: unknown) => reason,
  )
  return classifyFailure(error)
}

describe('the external API check', () => {
  it('is healthy on any 2xx or 3xx and does not follow a redirect', async () => {
    const check = createExternalApiCheck({ name: 'pay', url: api.url })
    api.behave({ statusCode: 204 })
    expect(await check.run(signal)).toEqual({ observedValue: expect.any(Number), observedUnit: 'ms' })
    api.behave({ statusCode: 302, headers: { location: '/elsewhere' } })
    expect(await check.run(signal)).toEqual({ observedValue: expect.any(Number), observedUnit: 'ms' })
    expect(api.requests).toEqual(['GET /', 'GET /'])
  })

  it('keeps no connection, which would be dead after a resume', async () => {
    const check = createExternalApiCheck({ name: 'pay', url: api.url })
    await check.run(signal)
    await vi.waitUntil(() => api.connections() === 0, { timeout: 3_000 })
    expect(api.requests).toEqual(['GET /'])
  })

  it.each([
    [401, 'auth_failed'],
    [403, 'auth_failed'],
    [404, 'bad_response'],
    [500, 'bad_response'],
    [503, 'bad_response'],
  ])('reads the status %i as %s and names the API, never its address', async (statusCode, code) => {
    api.behave({ statusCode })
    const check = createExternalApiCheck({ name: 'pay', url: api.url })
    expect(await failureOf(check.run(signal))).toEqual({
      code,
      message: `pay answered with ${statusCode}`,
      measurement: { observedValue: expect.any(Number), observedUnit: 'ms' },
    })
  })

  it('tells a connection that is reset and one that is refused apart', async () => {
    const check = createExternalApiCheck({ name: 'pay', url: api.url })
    api.behave('reset')
    expect(await failureOf(check.run(signal))).toMatchObject({ code: 'connection_lost' })
    await api.close()
    expect(await failureOf(check.run(signal))).toMatchObject({ code: 'connection_refused' })
    api = await startHttpStandIn()
  })

  it('reads a TLS address that speaks plain HTTP as a TLS failure', async () => {
    const check = createExternalApiCheck({ name: 'pay', url: api.url.replace('http:', 'https:') })
    expect(await failureOf(check.run(signal))).toMatchObject({ code: 'tls_failed' })
  })

  it('closes the connection to the external API as soon as the signal aborts', async () => {
    api.behave('hang')
    const controller = new AbortController()
    const run = createExternalApiCheck({ name: 'pay', url: api.url }).run(controller.signal)
    await vi.waitUntil(() => api.requests.length === 1)
    expect(api.connections()).toBe(1)
    controller.abort()
    expect(await failureOf(run)).toMatchObject({ code: 'timeout' })
    await vi.waitUntil(() => api.connections() === 0)
  })

  it('does not wait for a body without an end, and drops its connection', async () => {
    api.behave('endless body')
    await createExternalApiCheck({ name: 'pay', url: api.url }).run(signal)
    await vi.waitUntil(() => api.connections() === 0)
  })
})
