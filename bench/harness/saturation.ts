/** Saturation by wrk: as many requests as some kept connections can carry. A generator written in Node can't fill a raw server. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { HttpServer } from './http-server.ts'
import { cpuMs } from './process-figures.ts'
import type { Sample } from './rounds.ts'

const reportScript = fileURLToPath(new URL('wrk-report.lua', import.meta.url))

export interface Saturation {
  readonly requests: number
  readonly seconds: number
  readonly p50Us: number
  readonly p90Us: number
  readonly p99Us: number
  /** Answers above 399. */
  readonly refused: number
  /** Connections that broke, requests that nobody answered within 2 s. */
  readonly failed: number
}

export interface SaturationOptions {
  /** Each has one request under way, always. */
  readonly connections?: number
  /** What to ask, when that is more than `GET url`; it ends as reportScript does. */
  readonly script?: string
}

export async function saturate(url: string, seconds: number, options: SaturationOptions = {}): Promise<Saturation> {
  const { connections = 64, script = reportScript } = options
  const size = ['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`]
  const args = [...size, '--script', script, url]
  const { stdout } = await promisify(execFile)('wrk', args).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new Error('wrk is not installed; on Debian: apt-get install wrk', { cause })
    throw cause
  })
  const report = stdout.match(/^report (.+)$/m)?.[1]
  if (report === undefined) throw new Error(`wrk said nothing of ${url}: ${stdout}`)
  return JSON.parse(report) as Saturation
}

export function measureSaturated(server: HttpServer, path: string, seconds: number) {
  return measureSaturatedUrl(`${server.origin}${path}`, seconds, () => ({ cpuUs: cpuMs(server.pid) }))
}

/**
 * One second of warm-up, then requests per second and CPU per request; anything but a 2xx ends the benchmark. `spentMs`:
 * on a CPU so far, by the column that gets the microseconds per request.
 */
export async function measureSaturatedUrl(url: string, seconds: number, spentMs: () => Sample) {
  await saturate(url, 1)
  const before = spentMs()
  const { requests, seconds: took, p50Us, p99Us, refused, failed } = await saturate(url, seconds)
  const after = spentMs()
  if (refused + failed > 0) throw new Error(`${url}: ${refused} answers were no success, ${failed} requests failed`)
  return { requestsPerSecond: requests / took, ...perRequest(before, after, requests), p50Us, p99Us }
}

/** Microseconds of each figure, which is in milliseconds. */
export function perRequest(before: Sample, after: Sample, requests: number): Sample {
  const grown = (name: string, value: number) => ((value - (before[name] ?? 0)) * 1_000) / requests
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, grown(name, value)]))
}
