import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import type { ProbePhases } from '../observation/observation.ts'
import { type ProbeError, type ProbeStage, probeErrorOf, timeoutErrors } from './probe-error.ts'

/** One request and what came of it. Never an exception: what goes wrong is what is looked for. */
export interface Exchange {
  /** From the call to the last byte, or to the failure. */
  readonly durationMs: number
  /** Each by itself: the name, the connection, the handshake, and the wait for the head of the answer. */
  readonly phases: ProbePhases
  readonly statusCode?: number
  readonly headers: IncomingHttpHeaders
  /** As much as came. */
  readonly bodyText: string
  readonly errorCode?: ProbeError
}

export interface ExchangeOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly bodyMaxBytes: number
  /** False: a connection of its own, closed after it. */
  readonly agent: Agent | false
  readonly lookup: LookupFunction
  readonly monotonicMs: () => number
  /** Aborted: undefined is the result, as nothing was learnt. */
  readonly signal: AbortSignal
}

/**
 * With several addresses Node.js tries one after the other, and gives each but the last so long. Its own quarter of a
 * second is less than what a far host needs, which would look refused; a lost SYN is sent again after a second
 * (RFC 6298).
 */
const attemptTimeoutMs = 1_000

export async function exchange(url: URL, options: ExchangeOptions): Promise<Exchange | undefined> {
  const first = await attempt(url, options)
  // A server may close an idle connection in the moment of its reuse: no fault of it (RFC 9112, 9.3.1).
  if (first === undefined || !first.lostOnReuse) return first?.exchange
  const second = await attempt(url, {
    ...options,
    agent: false,
    timeoutMs: options.timeoutMs - first.exchange.durationMs,
  })
  return second && { ...second.exchange, durationMs: first.exchange.durationMs + second.exchange.durationMs }
}

interface Attempt {
  readonly exchange: Exchange
  readonly lostOnReuse: boolean
}

function attempt(url: URL, options: ExchangeOptions): Promise<Attempt | undefined> {
  const { promise, resolve } = Promise.withResolvers<Attempt | undefined>()
  const { timeoutMs, bodyMaxBytes, monotonicMs, signal } = options
  if (signal.aborted) return Promise.resolve(undefined)
  const secure = url.protocol === 'https:'
  const begunMs = monotonicMs()
  const phases = watchPhases({ monotonicMs, begunMs, secure, named: isIP(hostOf(url)) === 0 })
  const chunks: Buffer[] = []
  let receivedBytes = 0
  let response: IncomingMessage | undefined

  const { headers, agent, lookup } = options
  const requestOptions = { headers, agent, lookup, autoSelectFamilyAttemptTimeout: attemptTimeoutMs }
  const request: ClientRequest = (secure ? httpsRequest : httpRequest)(url, requestOptions)

  // The first word counts: what the destroyed socket tells afterwards is our own doing.
  function settle(errorCode?: ProbeError): void {
    clearTimeout(timer)
    signal.removeEventListener('abort', cancel)
    const statusCode = response?.statusCode
    const isStatus = statusCode !== undefined && statusCode >= 100 && statusCode <= 599
    const told = errorCode ?? (isStatus ? undefined : 'malformed_response')
    resolve({
      exchange: {
        durationMs: monotonicMs() - begunMs,
        phases: phases.measured(),
        headers: response?.headers ?? {},
        bodyText: Buffer.concat(chunks).toString('utf8'),
        ...(isStatus && { statusCode }),
        ...(told !== undefined && { errorCode: told }),
      },
      lostOnReuse: told === 'connection_lost' && request.reusedSocket && response === undefined,
    })
    request.destroy()
  }
  function cancel(): void {
    clearTimeout(timer)
    resolve(undefined)
    request.destroy()
  }
  const timer = setTimeout(() => settle(timeoutErrors[phases.stage()]), timeoutMs)
  signal.addEventListener('abort', cancel, { once: true })

  request.on('socket', (socket) => phases.follow(socket, request.reusedSocket))
  request.on('error', (error) => settle(probeErrorOf(error, phases.stage())))
  request.on('close', () => settle('connection_lost'))
  request.on('response', (incoming) => {
    response = incoming
    phases.answered()
    incoming.on('data', (chunk: Buffer) => {
      receivedBytes += chunk.length
      if (receivedBytes > bodyMaxBytes) settle('body_too_large')
      else chunks.push(chunk)
    })
    incoming.on('end', () => settle())
    incoming.on('error', (error) => settle(probeErrorOf(error, 'body')))
  })
  request.end()
  return promise
}

function watchPhases(options: { monotonicMs: () => number; begunMs: number; secure: boolean; named: boolean }) {
  const { monotonicMs, secure, named } = options
  const found: { -readonly [Phase in keyof ProbePhases]: ProbePhases[Phase] } = {}
  let lastMs = options.begunMs
  let stage: ProbeStage = named ? 'dns' : 'connect'

  function end(phase: keyof ProbePhases, next: ProbeStage): void {
    const nowMs = monotonicMs()
    found[phase] = nowMs - lastMs
    lastMs = nowMs
    stage = next
  }

  return {
    follow(socket: Socket, reused: boolean): void {
      if (reused || !socket.connecting) {
        stage = 'response'
        return
      }
      // With several addresses it comes once for each.
      socket.once('lookup', (error: Error | null) => {
        if (error === null) end('dnsMs', 'connect')
      })
      socket.once('connect', () => end('connectMs', secure ? 'tls' : 'response'))
      if (secure) socket.once('secureConnect', () => end('tlsMs', 'response'))
    },
    answered: () => end('firstByteMs', 'body'),
    stage: () => stage,
    measured: (): ProbePhases => ({ ...found }),
  }
}

const hostOf = ({ hostname }: URL) => hostname.replace(/^\[(.*)\]$/, '$1')
