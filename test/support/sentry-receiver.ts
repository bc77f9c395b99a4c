import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

/** The parts of an error event that the tests look at; `text` of a received event is all of it. */
export interface SentryEvent {
  readonly release?: string
  readonly environment?: string
  readonly server_name?: string
  readonly level?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly user?: unknown
  readonly contexts?: { readonly trace?: { readonly trace_id?: string; readonly span_id?: string } }
  readonly request?: unknown
  readonly exception?: {
    readonly values?: readonly {
      readonly type?: string
      readonly value?: string
      readonly mechanism?: { readonly handled?: boolean }
    }[]
  }
}

export interface ReceivedEvent {
  readonly event: SentryEvent
  readonly text: string
}

/** ok: 200 · 500 · 429 with a `Retry-After` · hang: takes the envelope and never answers. */
export type ReceiverMode = 'ok' | '500' | '429' | 'hang'

export interface SentryReceiver {
  readonly dsn: string
  set(mode: ReceiverMode): void
  /** Every event that was taken in, whatever the answer was. */
  readonly events: readonly ReceivedEvent[]
  requests(): number
  /** Resolves once `count` events are there. */
  received(count: number): Promise<void>
  /** From now on connections are refused. */
  close(): Promise<void>
}

const publicKey = '0123456789abcdef0123456789abcdef'

/** A stand-in for Sentry that reads real envelopes: https://develop.sentry.dev/sdk/data-model/envelopes/ */
export async function startSentryReceiver({ retryAfterSeconds = 60 } = {}): Promise<SentryReceiver> {
  const events: ReceivedEvent[] = []
  const waiters: { readonly count: number; resolve(): void }[] = []
  let mode: ReceiverMode = 'ok'
  let requests = 0

  const server = createServer(async (request, response) => {
    requests += 1
    events.push(...eventsOf(await bodyOf(request)))
    for (const waiter of waiters) if (events.length >= waiter.count) waiter.resolve()
    if (mode === 'hang') return
    if (mode === '429') response.setHeader('Retry-After', retryAfterSeconds)
    response.writeHead(mode === 'ok' ? 200 : Number(mode), { 'Content-Type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    dsn: `http://${publicKey}@127.0.0.1:${port}/1`,
    set(next) {
      mode = next
    },
    events,
    requests: () => requests,
    received(count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiters.push({ count, resolve })
      if (events.length >= count) resolve()
      return promise
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const body = await buffer(request)
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()
}

/** An envelope is lines: its header, then for each item a header and a payload. */
function eventsOf(envelope: string): ReceivedEvent[] {
  const lines = envelope.split('\n')
  const found: ReceivedEvent[] = []
  for (let index = 1; index + 1 < lines.length; index += 2) {
    const header = JSON.parse(lines[index] ?? '{}') as { type?: string }
    const text = lines[index + 1] ?? ''
    if (header.type === 'event') found.push({ event: JSON.parse(text) as SentryEvent, text })
  }
  return found
}
