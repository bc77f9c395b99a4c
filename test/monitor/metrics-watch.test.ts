import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCounterIncrease } from '../../src/monitor/counter-increase.ts'
import { readScrape, readSeries } from '../../src/monitor/exposition.ts'
import { startMetricsWatch } from '../../src/monitor/metrics-watch.ts'
import { type ProbedServer, startProbedServer } from '../support/probed-server.ts'

const signal = new AbortController().signal
const scrapeOf = (text: string) => readScrape(text) ?? new Map<string, number>()

describe('a scrape', () => {
  it('is read with labels of any text, values of any form, comments and times', () => {
    const scrape = scrapeOf(
      [
        ...['# HELP a Something.', '# TYPE a counter', 'a 1', 'a{x="1"} 2.5e3 1395066363000', 'b{} +Inf', ''],
        ...['c{path="/a}b",note="say \\"hi\\"\\\\\\n",} -0.5', 'garbage', 'd NaN'],
      ].join('\n'),
    )
    expect([...scrape]).toEqual([
      ['a', 1],
      ['a{x="1"}', 2_500],
      ['b{}', Number.POSITIVE_INFINITY],
      ['c{path="/a}b",note="say \\"hi\\"\\\\\\n",}', -0.5],
      ['d', Number.NaN],
    ])
    expect(readSeries('c{path="/a}b",note="say \\"hi\\"\\\\\\n",}')).toEqual({
      ...{ name: 'c', labels: { path: '/a}b', note: 'say "hi"\\\n' } },
    })
  })

  it('of some other page is none', () => {
    expect(readScrape('<html>\n<body>')).toBeUndefined()
  })
})

describe('the increase of a counter', () => {
  it('is counted from the first scrape, over resets and for series that turn up later', () => {
    const increase = createCounterIncrease({ names: new Set(['a']), kept: new Set() })
    for (const text of ['a{k="1"} 100\nb 5', 'a{k="1"} 110\na{k="2"} 3\nb 9', 'a{k="1"} 4\na{k="2"} 5']) {
      increase.add(scrapeOf(text))
    }
    expect(increase.of('a')).toEqual([
      { labels: { k: '1' }, increase: 14 },
      { labels: { k: '2' }, increase: 5 },
    ])
    expect(increase.of('b')).toBeUndefined()
    expect(increase.reset()).toBe(true)
  })

  it('that is kept over restarts begins where it is first told', () => {
    const increase = createCounterIncrease({ names: new Set(['a']), kept: new Set(['a']) })
    for (const text of ['b 1', 'a{k="1"} 100', 'a{k="1"} 101\na{k="2"} 1']) increase.add(scrapeOf(text))
    expect(increase.of('a')).toEqual([
      { labels: { k: '1' }, increase: 1 },
      { labels: { k: '2' }, increase: 1 },
    ])
    expect(increase.reset()).toBe(false)
  })
})

describe('the metrics of a service', () => {
  let server: ProbedServer
  beforeEach(async () => {
    server = await startProbedServer()
  })
  afterEach(() => server.close())
  const serve = (statusCode: number, text: string) =>
    server.answer((_request, response) => response.writeHead(statusCode).end(text))

  const before = `
db_query_duration_seconds_bucket{le="0.1",query="a",outcome="ok"} 10
db_query_duration_seconds_bucket{le="0.5",query="a",outcome="ok"} 10
db_query_duration_seconds_bucket{le="+Inf",query="a",outcome="ok"} 10
db_query_duration_seconds_sum{query="a",outcome="ok"} 1
db_query_duration_seconds_count{query="a",outcome="ok"} 10
db_slow_queries_total{query="a"} 2
db_pool_connections_max 10
db_pool_waiting 7
db_pool_connections{state="active"} 3
http_request_duration_seconds_count{method="GET",route="/",status_code="200"} 50
machine_running_seconds_total 1000
machine_starts_total{kind="boot",reason="wake"} 4
`
  const after = `
db_query_duration_seconds_bucket{le="0.1",query="a",outcome="ok"} 13
db_query_duration_seconds_bucket{le="0.5",query="a",outcome="ok"} 14
db_query_duration_seconds_bucket{le="+Inf",query="a",outcome="ok"} 14
db_query_duration_seconds_bucket{le="0.1",query="a",outcome="error"} 0
db_query_duration_seconds_bucket{le="0.5",query="a",outcome="error"} 0
db_query_duration_seconds_bucket{le="+Inf",query="a",outcome="error"} 1
db_query_duration_seconds_sum{query="a",outcome="ok"} 1.5
db_query_duration_seconds_sum{query="a",outcome="error"} 0.75
db_query_duration_seconds_count{query="a",outcome="ok"} 14
db_query_duration_seconds_count{query="a",outcome="error"} 1
db_slow_queries_total{query="a"} 3
db_errors_total{sqlstate_class="57"} 1
db_pool_connections_max 10
db_pool_waiting 0
db_pool_connections{state="active"} 1
http_request_duration_seconds_count{method="GET",route="/",status_code="200"} 60
http_request_duration_seconds_count{method="GET",route="/",status_code="503"} 2
machine_running_seconds_total 1060
machine_starts_total{kind="boot",reason="wake"} 5
`

  it('are what was counted between the first scrape and the last', async () => {
    serve(200, before)
    const watch = await startMetricsWatch(new URL(server.url), signal)
    serve(200, after)
    expect(await watch.finish(signal)).toEqual({
      gaps: [],
      metrics: {
        statements: {
          ...{ count: 5, failed: 1, meanMs: 250 },
          buckets: [
            { upperSeconds: 0.1, count: 3 },
            { upperSeconds: 0.5, count: 4 },
            { upperSeconds: Number.POSITIVE_INFINITY, count: 5 },
          ],
        },
        slowStatements: 1,
        databaseErrors: { '57': 1 },
        pool: { max: 10, waitingMax: 7, activeMax: 3 },
        requests: { count: 12, serverErrors: 2 },
        runningSeconds: 60,
        starts: [{ kind: 'boot', reason: 'wake', count: 1 }],
        reset: false,
      },
    })
  })

  it('that can not be read are a gap that says why', async () => {
    const where = server.url
    serve(404, '')
    const missing = await (await startMetricsWatch(new URL(where), signal)).finish(signal)
    expect(missing).toEqual({ gaps: [`The metrics at ${where} could not be read before and after: it answered 404.`] })
    serve(200, '<html>')
    const page = await (await startMetricsWatch(new URL(where), signal)).finish(signal)
    expect(page.gaps[0]).toContain('it is not in the Prometheus text format')
  })
})
