import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prometheusConfig } from '../../scripts/ops/prometheus-config.ts'
import { startProgram } from '../../scripts/ops/running-program.ts'
import { freePort } from '../support/free-port.ts'

export interface PrometheusAnswer {
  readonly status: string
  readonly error?: string
  readonly warnings?: readonly string[]
  readonly data: { readonly result: readonly { readonly metric: Readonly<Record<string, string>> }[] }
}

export interface ScrapingPrometheus {
  readonly url: string
  /** As of now. */
  query(expr: string): Promise<PrometheusAnswer>
  /** Over the last minutes. */
  queryRange(expr: string): Promise<PrometheusAnswer>
  [Symbol.asyncDispose](): Promise<void>
}

/** Debian's Prometheus, which collects from this port every second and has no rules. */
export async function startScrapingPrometheus(metricsPort: number): Promise<ScrapingPrometheus> {
  const directory = await mkdtemp(join(tmpdir(), 'medio-prometheus-'))
  const config = prometheusConfig({
    productionFile: join(directory, 'none.yml'),
    ports: new Map([[9091, metricsPort]]),
    ...{ alertmanagerPort: 9, scrapeSeconds: 1 },
  })
  await writeFile(join(directory, 'prometheus.yml'), config)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const program = startProgram({
    name: 'prometheus',
    command: 'prometheus',
    words: [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    logFile: join(directory, 'log'),
    readyUrl: `${url}/-/ready`,
    endSignal: 'SIGTERM',
  })
  await program.ready()

  async function ask(path: string, parameters: Readonly<Record<string, string>>): Promise<PrometheusAnswer> {
    const response = await fetch(`${url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) })
    return (await response.json()) as PrometheusAnswer
  }
  return {
    url,
    query: (query) => ask('query', { query }),
    queryRange(query) {
      const now = Date.now() / 1_000
      return ask('query_range', { query, start: String(now - 300), end: String(now), step: '5' })
    },
    async [Symbol.asyncDispose]() {
      await program.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
