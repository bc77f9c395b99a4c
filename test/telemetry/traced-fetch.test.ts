import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTracedFetch } from '../../src/telemetry/traced-fetch.ts'
import { startHttpStandIn } from '../support/http-stand-in.ts'
import { recordingTracing } from './recording-tracing.ts'

let api: Awaited<ReturnType<typeof startHttpStandIn>>
beforeEach(async () => {
  api = await startHttpStandIn()
})
afterEach(() => api.close())

it('is plain fetch while nobody traces', async () => {
  const response = await createTracedFetch(() => undefined)(api.url)
  expect([response.status, api.headers[0]?.traceparent]).toEqual([200, undefined])
})

it('keeps the headers of the request and adds the context of its span', async () => {
  const { tracing, spans } = recordingTracing()
  const url = new URL('things?key=secret', api.url.replace('://', '://user:password@'))
  url.username = ''
  url.password = ''
  await createTracedFetch(() => tracing)(url, { method: 'HEAD', headers: { authorization: 'Bearer abc' } })
  expect(api.requests).toEqual(['HEAD /things?key=secret'])
  expect(api.headers[0]).toMatchObject({ authorization: 'Bearer abc', traceparent: 'trace-1-span-1' })
  expect(spans[0]).toMatchObject({
    ...{ name: 'HEAD', kind: 'client', failure: undefined },
    attributes: { 'url.full': `${api.url}things`, 'http.response.status_code': 200 },
  })
  expect(JSON.stringify(spans)).not.toMatch(/secret|password|abc/)
})

it('fails the span with the status of a refusal', async () => {
  const { tracing, spans } = recordingTracing()
  api.behave({ statusCode: 404 })
  expect((await createTracedFetch(() => tracing)(new Request(api.url))).status).toBe(404)
  expect(spans[0]).toMatchObject({ failure: { type: '404' }, attributes: { 'http.response.status_code': 404 } })
})

it('fails the span with the code of the system when nobody answers, and with the class at a time-out', async () => {
  const { tracing, spans } = recordingTracing()
  const traced = createTracedFetch(() => tracing)
  api.behave('hang')
  await expect(traced(api.url, { signal: AbortSignal.timeout(30) })).rejects.toThrow('timeout')
  await api.close()
  await expect(traced(api.url)).rejects.toThrow('fetch failed')
  expect(spans.map(({ failure }) => failure?.type)).toEqual(['TimeoutError', 'ECONNREFUSED'])
  api = await startHttpStandIn()
})
