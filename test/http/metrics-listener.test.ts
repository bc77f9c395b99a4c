import { createServer } from 'node:http'
import { connect } from 'node:net'
import { text as streamText } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { type MetricsListener, startMetricsListener } from '../../src/http/metrics-listener.ts'

const open: MetricsListener[] = []
const errors: unknown[] = []

async function start(render: (exemplars: boolean) => Promise<string>) {
  const listener = await startMetricsListener({
    port: 0,
    host: '127.0.0.1',
    render,
    requestId: () => 'request-1',
    onError: (error) => errors.push(error),
  })
  open.push(listener)
  return `http://127.0.0.1:${listener.port}`
}

afterEach(async () => {
  errors.length = 0
  for (const listener of open.splice(0)) await listener.close(AbortSignal.abort())
})

const text = '# HELP things_total Things.\n# TYPE things_total counter\nthings_total 3\n'

test('GET /metrics answers the text, HEAD its headers', async () => {
  const url = await start(async () => text)
  const got = await fetch(`${url}/metrics?cache=buster`)
  expect([got.status, got.headers.get('content-type'), got.headers.get('cache-control'), await got.text()]).toEqual([
    ...[200, 'text/plain; version=0.0.4; charset=utf-8', 'no-store', text],
  ])
  const head = await fetch(`${url}/metrics`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, String(text.length), ''])
})

test('OpenMetrics is answered when asked for', async () => {
  const url = await start(async () => text)
  const got = await fetch(`${url}/metrics`, { headers: { Accept: 'application/openmetrics-text;version=1.0.0' } })
  expect(got.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
  expect(await got.text()).toBe('# HELP things Things.\n# TYPE things counter\nthings_total 3\n# EOF\n')
})

test('exemplars are rendered for OpenMetrics only, also when both formats are asked for at once', async () => {
  const rendered = Promise.withResolvers<void>()
  const asked: boolean[] = []
  const url = await start(async (exemplars) => {
    asked.push(exemplars)
    if (asked.length === 2) rendered.resolve()
    await rendered.promise
    return exemplars ? `${text.trimEnd()} # {trace_id="a"} 1\n` : text
  })
  const ask = (accept: string) => fetch(`${url}/metrics`, { headers: { accept } }).then((answer) => answer.text())
  const [plain, openMetrics] = await Promise.all([ask('text/plain'), ask('application/openmetrics-text')])
  expect(plain).toBe(text)
  expect(openMetrics).toBe('# HELP things Things.\n# TYPE things counter\nthings_total 3 # {trace_id="a"} 1\n# EOF\n')
  expect(asked.toSorted()).toEqual([false, true])
})

test('any other path and method is refused with a problem document', async () => {
  const url = await start(async () => text)
  const notFound = await fetch(`${url}/api/health`)
  expect([notFound.status, notFound.headers.get('content-type')]).toEqual([
    404,
    'application/problem+json; charset=utf-8',
  ])
  expect(await notFound.json()).toMatchObject({ status: 404, title: 'Not Found', requestId: 'request-1' })
  const posted = await fetch(`${url}/metrics`, { method: 'POST', body: 'x' })
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  expect(await posted.json()).toMatchObject({ status: 405, title: 'Method Not Allowed' })
})

test('scrapes at the same time share one rendering, and the next one renders anew', async () => {
  let renders = 0
  const { promise, resolve } = Promise.withResolvers<string>()
  const url = await start(() => {
    renders += 1
    return promise
  })
  // Pipelined in one write, so that all are there before the first is answered.
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const request = (connection: string) => `GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\n\r\n`
  socket.write(`${request('keep-alive').repeat(7)}${request('close')}`)
  await expect.poll(() => renders).toBe(1)
  resolve(text)
  expect((await streamText(socket)).split('things_total 3\n')).toHaveLength(9)
  expect(renders).toBe(1)
  expect(await (await fetch(`${url}/metrics`)).text()).toBe(text)
  expect(renders).toBe(2)
})

test('a rendering that fails is a 500 without its reason, is reported, and the next scrape is unharmed', async () => {
  let broken = true
  const url = await start(async () => {
    if (broken) throw new Error('a gauge broke')
    return text
  })
  const failed = await fetch(`${url}/metrics`)
  expect(failed.status).toBe(500)
  expect(await failed.text()).not.toContain('gauge')
  expect(errors).toEqual([new Error('a gauge broke')])
  broken = false
  expect((await fetch(`${url}/metrics`)).status).toBe(200)
})

test('a port that is taken is an error that names it and the variable', async () => {
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
  const address = holder.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const options = { port, host: '127.0.0.1', render: async () => text, requestId: () => 'r', onError: () => undefined }
  await expect(startMetricsListener(options)).rejects.toThrow(`port ${port} on 127.0.0.1; set METRICS_PORT`)
  holder.close()
})
