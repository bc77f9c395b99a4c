import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startOtlpCollector } from '../support/otlp-collector.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { type RunningService, startService } from '../support/service.ts'
import { runPromtool } from './promtool.ts'

let database: TestDatabase
let collector: Awaited<ReturnType<typeof startOtlpCollector>>
let service: RunningService
beforeAll(async () => {
  database = await createTestDatabase()
  collector = await startOtlpCollector()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '50' }
  service = await startService({ DATABASE_URL: database.url, ...env })
  await service.logged('tracing_started')
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await collector.close()
  await database.drop()
})

interface QueryAnswer {
  readonly data: readonly {
    readonly seriesLabels: Readonly<Record<string, string>>
    readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>> }[]
  }[]
}

/** A real one, which asks for OpenMetrics by itself, and keeps exemplars. */
async function startPrometheus(target: string) {
  const directory = await mkdtemp(join(tmpdir(), 'medio-prometheus-'))
  const config = `scrape_configs: [{ job_name: medio, scrape_interval: 1s, static_configs: [{ targets: ['${target}'] }] }]\n`
  await writeFile(join(directory, 'prometheus.yml'), config)
  const port = await freePort()
  const child = spawn(
    'prometheus',
    [
      `--config.file=${directory}/prometheus.yml`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
    ],
    { stdio: 'ignore' },
  )
  const exited = new Promise((resolve) => child.once('exit', resolve))
  return {
    async exemplars(query: string): Promise<QueryAnswer['data']> {
      const parameters = new URLSearchParams({
        query,
        start: String(Date.now() / 1_000 - 60),
        end: String(Date.now() / 1_000 + 60),
      })
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query_exemplars?${parameters}`).catch(() => undefined)
      return answer?.ok ? ((await answer.json()) as QueryAnswer).data : []
    },
    async up(): Promise<string | undefined> {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=up`).catch(() => undefined)
      const body = (await answer?.json()) as { data: { result: { value: [number, string] }[] } } | undefined
      return body?.data.result[0]?.value[1]
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await exited
      await rm(directory, { recursive: true, force: true })
    },
  }
}

it('Prometheus takes the OpenMetrics of a traced service, and leads from a histogram to the trace', async () => {
  await using prometheus = await startPrometheus(new URL(service.metricsUrl).host)
  await fetch(`${service.url}/api/deployments`, { headers: { 'X-Request-Id': 'exemplar' } })
  const [request] = await collector.received(({ attributes }) => attributes['medio.request_id'] === 'exemplar')
  const found = async () => {
    const all = await prometheus.exemplars('http_request_duration_seconds_bucket')
    return all.map(({ seriesLabels, exemplars }) => [
      seriesLabels.route,
      exemplars.map(({ labels }) => labels.trace_id),
    ])
  }
  await expect.poll(found, { timeout: 20_000, interval: 200 }).toEqual([['/api/deployments', [request?.traceId]]])
  expect(await prometheus.up()).toBe('1')
})

it('promtool passes the plain text of a traced service but for the Node.js defaults', async () => {
  const { complaints } = runPromtool(await (await fetch(service.metricsUrl)).text())
  expect(complaints.filter((line) => !/^(?:nodejs|process)_/.test(line))).toEqual([])
})
