import { request } from 'node:http'
import type { Config } from '../config.ts'
import { healthPath } from '../health/paths.ts'
import type { FailingCheck, Observation } from '../observation/observation.ts'
import { observationId } from '../observation/observation-id.ts'
import { selfSource } from '../observation/self-source.ts'

/** Where nginx has its public port (nginx.conf): what comes through it has met everything that a caller meets. */
const nginxPort = 5_000
const timeoutMs = 5_000
const bodyMax = 65_536

/** What the health answer tells, as far as an observation keeps it. */
interface Told {
  readonly status?: unknown
  readonly reasons?: unknown
  readonly services?: { readonly database?: { readonly responseTime?: unknown } }
}

/**
 * One look at the own health, as a caller on this machine has it: through nginx where it is in front, else through the
 * own listener. Never counted in availability, so that it proves to nobody but us that the process answers.
 */
export async function probeSelf(options: {
  config: Pick<Config, 'listen' | 'notifyFd' | 'machine'>
  port: number | undefined
  version: string
  wallMs: () => number
}): Promise<Observation> {
  const { config, port, version, wallMs } = options
  const { machine } = config
  const at = new Date(wallMs()).toISOString()
  const target = machine.app ?? 'service'
  const begunMs = performance.now()
  const outcome = await ask(addressOf(config, port))
  const durationMs = Math.round((performance.now() - begunMs) * 1_000) / 1_000
  return {
    id: observationId({ source: selfSource, target, machine: machine.id, at }),
    ...{ at, target, source: selfSource, region: machine.region, machine: machine.id, version, durationMs },
    ...outcome,
  }
}

function addressOf({ listen, notifyFd }: Pick<Config, 'listen' | 'notifyFd'>, port: number | undefined) {
  if (!('socketPath' in listen)) return { host: '127.0.0.1', port }
  return notifyFd === undefined ? { socketPath: listen.socketPath } : { host: '127.0.0.1', port: nginxPort }
}

type Outcome = Pick<
  Observation,
  'statusCode' | 'healthStatus' | 'errorCode' | 'uptimeMs' | 'resumeMs' | 'databaseMs' | 'reasons'
>

function ask(address: object): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const signal = AbortSignal.timeout(timeoutMs)
  const options = { ...address, path: healthPath, agent: false, signal, headers: { Host: 'localhost' } }
  const asked = request(options, (response) => {
    let body = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      if (body.length < bodyMax) body += chunk
    })
    response.on('end', () => resolve(toOutcome(response.statusCode ?? 0, response.headers, body)))
    response.on('error', (error) => resolve({ errorCode: failureCode(error, signal) }))
  })
  asked.on('error', (error) => resolve({ errorCode: failureCode(error, signal) }))
  asked.end()
  return promise
}

/** ENOENT: the Unix socket is not there. */
function failureCode(error: Error, signal: AbortSignal): string {
  if (signal.aborted) return 'timeout'
  const code = 'code' in error ? error.code : undefined
  return code === 'ECONNREFUSED' || code === 'ENOENT' ? 'connection_refused' : 'connection_lost'
}

function toOutcome(statusCode: number, headers: NodeJS.Dict<string | string[]>, body: string): Outcome {
  const told = parse(body)
  const uptimeMs = numberOf(headers['medio-uptime-ms'])
  const resumeMs = numberOf(headers['medio-resume-ms'])
  if (told === undefined) return { statusCode, errorCode: 'bad_response' }
  const databaseMs = told.services?.database?.responseTime
  return {
    statusCode,
    ...(typeof told.status === 'string' && { healthStatus: told.status }),
    ...(uptimeMs !== undefined && { uptimeMs }),
    ...(resumeMs !== undefined && { resumeMs }),
    ...(typeof databaseMs === 'number' && { databaseMs }),
    ...(Array.isArray(told.reasons) && { reasons: told.reasons.map(toFailingCheck) }),
  }
}

const toFailingCheck = ({ check, code }: FailingCheck): FailingCheck => ({ check, code })

function parse(body: string): Told | undefined {
  try {
    return JSON.parse(body) as Told
  } catch {
    return undefined
  }
}

const numberOf = (header: string | string[] | undefined) =>
  typeof header === 'string' && /^\d+$/.test(header) ? Number(header) : undefined
