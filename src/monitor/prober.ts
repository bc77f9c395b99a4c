import { Agent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { type Observation, proberOffline } from '../observation/observation.ts'
import { readHealthAnswer, textOf } from './answer-body.ts'
import { createControl } from './control.ts'
import { type Exchange, exchange } from './exchange.ts'
import { createLookup } from './lookup.ts'
import { flyErrorOf } from './probe-error.ts'
import { warmUp } from './warm-up.ts'

/** One URL under the name that its observations carry. */
export interface ProbeTarget {
  readonly name: string
  readonly url: URL
}

export interface ProbeOrder {
  readonly target: ProbeTarget
  /** When, by the monotonic clock. */
  readonly dueMs: number
  /** The machine that has to answer, whatever Fly's proxy would choose. */
  readonly machine?: string
}

export interface Prober {
  /** To be awaited before the first probe. */
  warmUp(signal: AbortSignal): Promise<void>
  /** Undefined when the signal came first: a probe that was cut off says nothing. */
  probe(order: ProbeOrder, signal: AbortSignal): Promise<Observation | undefined>
  close(): void
}

/** A health answer has about two kilobytes; what is longer is something else, and is not read to its end. */
const bodyMaxBytes = 1_000_000
const redirects = new Set([301, 302, 303, 307, 308])

export function createProber(options: {
  source: string
  timeoutMs: number
  /** Keep connections, as a busy client would; else each probe opens its own, as a first visitor does. */
  reuse: boolean
  controlUrl: URL | undefined
  /** Some target is asked over TLS. */
  secure: boolean
  monotonicMs: () => number
  /** Epoch milliseconds. */
  wallMs: () => number
  newId: () => string
}): Prober {
  const { source, timeoutMs, reuse, controlUrl, secure, monotonicMs, wallMs, newId } = options
  const lookup = createLookup(monotonicMs)
  const agents = reuse
    ? { 'http:': new Agent({ keepAlive: true }), 'https:': new SecureAgent({ keepAlive: true }) }
    : {}
  const agentOf = (url: URL) => (agents as Readonly<Record<string, Agent>>)[url.protocol] ?? false

  return {
    warmUp: (signal) => warmUp({ timeoutMs, lookup, monotonicMs, signal }, secure),
    async probe({ target, dueMs, machine }, signal) {
      const atMs = wallMs()
      const intendedMs = atMs - (monotonicMs() - dueMs)
      const control = createControl(controlUrl, { timeoutMs, lookup, monotonicMs, signal })
      const headers = {
        accept: 'application/json',
        'cache-control': 'no-cache',
        'user-agent': 'medio-monitor',
        // https://fly.io/docs/networking/dynamic-request-routing/
        ...(machine !== undefined && { 'fly-force-instance-id': machine }),
      }
      const asked = exchange(target.url, {
        ...{ headers, timeoutMs, bodyMaxBytes, agent: agentOf(target.url), lookup, monotonicMs, signal },
      })
      const { result, offline } = await control.beside(asked, (made) => made !== undefined && gotNoAnswer(made))
      if (result === undefined || signal.aborted) return undefined
      return recordOf(
        {
          id: newId(),
          at: new Date(atMs).toISOString(),
          intendedAt: new Date(intendedMs).toISOString(),
          target: target.name,
          source,
          machine,
        },
        result,
        offline,
      )
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

const gotNoAnswer = ({ statusCode }: Exchange) => statusCode === undefined

/** With the members in the order of src/observation/read-observation.ts, so that a file replayed is the same file. */
function recordOf(
  own: Pick<Observation, 'id' | 'at' | 'target' | 'source'> & { intendedAt: string; machine: string | undefined },
  { durationMs, phases, statusCode, headers, bodyText, errorCode }: Exchange,
  offline: boolean,
): Observation {
  const body = statusCode === undefined || errorCode !== undefined ? undefined : readHealthAnswer(bodyText)
  const health = typeof body === 'object' ? body : undefined
  const told = textOf(headers['medio-machine'], 128)
  const proxyHeader = textOf(headers['fly-proxy-error'], 128)
  const flyError =
    told === undefined && statusCode !== undefined ? flyErrorOf(statusCode, proxyHeader, bodyText) : undefined
  const useless = (typeof body === 'string' ? body : undefined) ?? errorCode
  const redirected = statusCode !== undefined && redirects.has(statusCode) ? 'redirected' : undefined
  const members = {
    ...{ id: own.id, at: own.at, intendedAt: own.intendedAt, target: own.target, source: own.source },
    region: textOf(headers['medio-region'], 64),
    machine: told ?? own.machine,
    version: health?.version,
    durationMs: rounded(durationMs),
    statusCode,
    healthStatus: health?.healthStatus,
    uptimeMs: wholeNumber(headers['medio-uptime-ms']),
    resumeMs: wholeNumber(headers['medio-resume-ms']),
    phases: Object.fromEntries(Object.entries(phases).map(([phase, ms]) => [phase, rounded(ms)])),
    errorCode: offline ? proberOffline : (flyError ?? redirected ?? useless),
    databaseMs: health?.databaseMs,
    reasons: health?.reasons,
  }
  const present = Object.entries(members).filter(([, value]) => value !== undefined)
  return Object.freeze(Object.fromEntries(present)) as unknown as Observation
}

/** To a microsecond: no clock here is finer, and a record is read by people too. */
const rounded = (ms: number) => Math.round(ms * 1_000) / 1_000

function wholeNumber(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,12}$/.test(header) ? Number(header) : undefined
}
