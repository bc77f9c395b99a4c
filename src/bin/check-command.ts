import type { Command } from './medio.ts'

const timeoutMs = 10_000

/** `medio check URL`: for a container's health check, or a person in a hurry. */
export const checkCommand: Command = async ([address, ...rest]) => {
  const url = address === undefined || rest.length > 0 ? null : URL.parse(address)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    process.stderr.write('usage: medio check URL   (http:// or https://; without a path it asks /api/health)\n')
    return 2
  }
  if (url.pathname === '/') url.pathname = '/api/health'
  const begunMs = performance.now()
  const { line, ok } = await probe(url)
  process.stdout.write(`${line} in ${Math.round(performance.now() - begunMs)} ms: ${url.origin}${url.pathname}\n`)
  return ok ? 0 : 1
}

async function probe(url: URL): Promise<{ line: string; ok: boolean }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'manual' })
    const status = statusOf(await response.text())
    return { line: `${response.status} ${status}`, ok: response.status === 200 && status !== 'no health answer' }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : (cause as Error).name
    return { line: `no answer (${code})`, ok: false }
  }
}

function statusOf(body: string): string {
  try {
    const { status } = JSON.parse(body) as { status?: unknown }
    return typeof status === 'string' ? status : 'no health answer'
  } catch {
    return 'no health answer'
  }
}
