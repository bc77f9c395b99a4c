/** Saturation by wrk: as many requests as 64 kept connections can carry. A generator written in Node can't fill a raw server. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { HttpServer } from './http-server.ts'
import { cpuMs } from './process-figures.ts'

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

export async function saturate(url: string, seconds: number): Promise<Saturation> {
  const args = ['--threads', '1', '--connections', '64', '--duration', `${seconds}s`, '--script', reportScript, url]
  const { stdout } = await promisify(execFile)('wrk', args).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new Error('wrk is not installed; on Debian: apt-get install wrk', { cause })
    throw cause
  })
  const report = stdout.match(/^report (.+)$/m)?.[1]
  if (report === undefined) throw new Error(`wrk said nothing of ${url}: ${stdout}`)
  return JSON.parse(report) as Saturation
}

/** One second of warm-up, then requests per second and CPU per request; anything but a 2xx ends the benchmark. */
export async function measureSaturated(server: HttpServer, path: string, seconds: number) {
  const url = `${server.origin}${path}`
  await saturate(url, 1)
  const before = cpuMs(server.pid)
  const { requests, seconds: took, p50Us, p99Us, refused, failed } = await saturate(url, seconds)
  const spentMs = cpuMs(server.pid) - before
  if (refused + failed > 0) throw new Error(`${url}: ${refused} answers were no success, ${failed} requests failed`)
  return { requestsPerSecond: requests / took, cpuUs: (spentMs * 1_000) / requests, p50Us, p99Us }
}
