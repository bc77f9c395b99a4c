import { randomUUID } from 'node:crypto'
import type { S3Config } from '../../config.ts'
import { CheckFailure, type CheckReading } from '../check.ts'
import type { CheckWork } from './check-work.ts'
import { latencySince } from './latency.ts'
import { responseCode } from './response-code.ts'

/** A signed HEAD of the bucket; deep, one small object written, read back and deleted. */
export function createS3Check(options: { s3: S3Config; machineId: string; fetch?: typeof fetch }): CheckWork {
  const { machineId, fetch = globalThis.fetch } = options
  const { endpoint, bucket, ...credentials } = options.s3

  /** s3mini is loaded by the first run; a client per run carries that run's signal into every request. */
  async function createClient(signal: AbortSignal) {
    const { S3mini } = await import('s3mini')
    return new S3mini({
      ...credentials,
      endpoint: `${endpoint.replace(/\/+$/, '')}/${bucket}`,
      fetch: (url, init) => fetchOrFail(fetch, url, { ...init, signal }),
    })
  }

  async function run(signal: AbortSignal): Promise<CheckReading> {
    const client = await createClient(signal)
    const startedAtMs = performance.now()
    await client.bucketExists()
    return latencySince(startedAtMs)
  }

  async function runDeep(signal: AbortSignal): Promise<CheckReading> {
    const client = await createClient(signal)
    const startedAtMs = performance.now()
    const key = `medio-health/${machineId}`
    const nonce = randomUUID()
    const stored = await client.putObject(key, nonce, 'text/plain')
    await stored.body?.cancel()
    const readBack = await client.getObject(key)
    if (readBack !== nonce) {
      throw new CheckFailure('bad_response', 'object storage gave back another body than was written')
    }
    await client.deleteObject(key)
    return latencySince(startedAtMs)
  }

  return { run, runDeep }
}

/** s3mini takes 403 and 404 for answers of its own (`false`, `null`); here they are failures with a reason. */
async function fetchOrFail(
  fetch: typeof globalThis.fetch,
  url: string | URL | Request,
  init: RequestInit,
): Promise<Response> {
  // A connection kept from before a suspend would be dead, and only look alive.
  const headers = new Headers(init.headers)
  headers.set('connection', 'close')
  const response = await fetch(url, { ...init, headers })
  if (response.ok) return response
  const [, errorCode = 'no code'] = /<Code>(\w{1,64})<\/Code>/.exec(await response.text()) ?? []
  const message = `object storage answered ${init.method} with ${response.status} (${errorCode})`
  throw new CheckFailure(responseCode(response.status), message)
}
