import type { LifecycleState } from '../lifecycle/lifecycle.ts'
import type { StartupPhases } from '../lifecycle/startup-phases.ts'
import { type AnswerFormat, formatAccepted, formatNamed } from './answer-format.ts'
import type { CurrentHealth } from './current-health.ts'
import type { DeepRunner } from './deep-runner.ts'
import { renderHealthJson } from './format/health-json.ts'
import type { InstanceFacts } from './format/instance-facts.ts'
import { renderJson } from './format/json.ts'
import { renderText } from './format/text.ts'
import {
  type HealthRefusal,
  refuseNames,
  refuseToken,
  type TokenVerdict,
  unknownFormat,
  unknownPath,
  wrongMethod,
} from './health-refusal.ts'
import { knownPaths, readyPath } from './paths.ts'
import { buildReport, type HealthReport, type Readiness } from './report.ts'

/** A request for health, free of any transport. */
export interface HealthRequest {
  readonly method: string
  /** What follows `/api/health`. */
  readonly path: string
  readonly query: string
  readonly accept: string | undefined
  readonly authorization: string | undefined
  client(): string
}

export interface HealthBody {
  readonly problem?: undefined
  readonly status: number
  readonly contentType: string
  readonly body: string
  /** Every character is one byte: the length needs no counting. */
  readonly ascii: boolean
  /** Names and values in turn. */
  readonly headers?: readonly string[]
}

export type HealthAnswer = HealthBody | HealthRefusal

export interface HealthSources {
  readonly current: CurrentHealth
  /** Undefined until the checks are built. */
  readonly deepRunner: () => DeepRunner | undefined
  readonly lifecycleState: () => LifecycleState
  readonly readiness: () => Readiness
  readonly facts: () => InstanceFacts
  readonly phases: Pick<StartupPhases, 'list' | 'serverTimingByPhase'>
  /** The process is about to end on its own; supervisors should not wait for it. */
  readonly gaveUp: () => boolean
  readonly operatorToken: (authorization: string | undefined, client: string) => TokenVerdict
  /** Deep checks run without a token; never in production. */
  readonly deepIsOpen: boolean
  readonly wallMs: () => number
  readonly uptimeMs: () => number
}

const contentTypes: Readonly<Record<AnswerFormat, string>> = {
  json: 'application/json; charset=utf-8',
  'health+json': 'application/health+json; charset=utf-8',
  text: 'text/plain; charset=utf-8',
}
const checksPath = '/checks/'
/** A failing check is looked at again within this time, so asking sooner brings nothing new. */
const retryAfter = ['Retry-After', '5']

export function createHealthRoutes(
  sources: HealthSources,
): (request: HealthRequest) => HealthAnswer | Promise<HealthAnswer> {
  const { current, lifecycleState, facts, wallMs, uptimeMs } = sources
  const timestamp = createTimestamp(wallMs)

  function health(request: HealthRequest): HealthAnswer {
    if (request.query === '' && request.authorization === undefined && formatAccepted(request.accept) === 'json') {
      const { healthy, render } = current.json()
      return bodyOf('json', render(timestamp(), uptimeMs() / 1_000), healthy)
    }
    const token = sources.operatorToken(request.authorization, request.client())
    if (token.verdict !== 'missing' && token.verdict !== 'granted') return refuseToken(token)
    const format = chosenFormat(request)
    if (format === undefined) return unknownFormat
    return rendered(format, current.report(), { messages: token.verdict === 'granted' })
  }

  async function deep(request: HealthRequest, only?: string): Promise<HealthAnswer> {
    const runner = sources.deepRunner()
    // Neither the checks nor the tokens may be there yet, and a 401 would send a deploy gate away for good.
    if (runner === undefined || lifecycleState() === 'starting') return health({ ...request, authorization: undefined })
    const token = sources.operatorToken(request.authorization, request.client())
    const open = sources.deepIsOpen && token.verdict === 'missing'
    if (token.verdict !== 'granted' && !open) return refuseToken(token)
    const format = chosenFormat(request)
    if (format === undefined) return unknownFormat
    const names = only === undefined ? namesAsked(request.query, runner.names) : [only]
    const refusal = refuseNames(names, runner.names, only === undefined ? 400 : 404)
    if (refusal !== undefined) return refusal
    const run = await runner.run(names)
    const report = buildReport(lifecycleState(), run.records)
    const messages = token.verdict === 'granted'
    return rendered(format, report, { checks: true, messages }, ['Age', String(run.ageSeconds)])
  }

  function rendered(
    format: AnswerFormat,
    report: HealthReport,
    options: { checks?: boolean; messages?: boolean },
    headers: readonly string[] = [],
  ): HealthBody {
    const healthy = report.status === 'healthy' || report.status === 'degraded'
    const uptimeSeconds = uptimeMs() / 1_000
    const body = {
      json: () => renderJson(report, facts(), options)(timestamp(), uptimeSeconds),
      'health+json': () => renderHealthJson(report, facts(), options),
      text: () => renderText(report, facts(), { nowMs: wallMs(), uptimeSeconds, ...options }),
    }[format]()
    return bodyOf(format, body, healthy, headers)
  }

  function live(): HealthBody {
    const alive = !sources.gaveUp()
    return stateBody({ status: alive ? 'alive' : 'gave up' }, alive)
  }

  function ready(): HealthBody {
    const { status, reasons } = sources.readiness()
    const told = reasons.map(({ check, code, since }) => ({ check, code, since: since ?? null }))
    return stateBody({ status, reasons: told }, status === 'ready')
  }

  function startup(): HealthBody {
    const phases = sources.phases.list()
    const isStarting = lifecycleState() === 'starting'
    const totals = {
      wallMs: Math.round(phases.reduce((sum, phase) => sum + phase.wallMs, 0)),
      cpuMs: Math.round(phases.reduce((sum, phase) => sum + phase.cpuMs, 0)),
    }
    const headers = ['Server-Timing', sources.phases.serverTimingByPhase()]
    return stateBody({ status: isStarting ? 'starting' : 'ready', ...totals, phases }, !isStarting, headers)
  }

  const stateBody = (state: object, good: boolean, headers: readonly string[] = []) =>
    bodyOf('json', JSON.stringify({ ...state, timestamp: timestamp(), uptime: uptimeMs() / 1_000 }), good, headers)

  return (request) => {
    const { method, path } = request
    const isCheck = path.startsWith(checksPath) && path.length > checksPath.length
    if (!isCheck && !knownPaths.includes(path)) return unknownPath
    if (method !== 'GET' && method !== 'HEAD') return wrongMethod(method)
    if (isCheck) return deep(request, decodeURIComponent(path.slice(checksPath.length)))
    switch (path) {
      case '':
        return health(request)
      case '/live':
        return live()
      case readyPath:
        return ready()
      case '/startup':
        return startup()
      case '/deep':
        return deep(request)
      default:
        return unknownPath
    }
  }
}

function bodyOf(format: AnswerFormat, body: string, healthy: boolean, headers: readonly string[] = []): HealthBody {
  return {
    status: healthy ? 200 : 503,
    contentType: contentTypes[format],
    body,
    ascii: format !== 'text',
    headers: healthy ? headers : [...headers, ...retryAfter],
  }
}

/** One string per millisecond: at saturation several answers share it. */
function createTimestamp(wallMs: () => number): () => string {
  let knownMs = Number.NaN
  let text = ''
  return () => {
    const nowMs = wallMs()
    if (nowMs !== knownMs) {
      knownMs = nowMs
      text = new Date(nowMs).toISOString()
    }
    return text
  }
}

function chosenFormat({ query, accept }: HealthRequest): AnswerFormat | undefined {
  const [word, ...more] = new URLSearchParams(query).getAll('format')
  if (word === undefined) return formatAccepted(accept)
  return more.length === 0 ? formatNamed(word) : undefined
}

function namesAsked(query: string, known: readonly string[]): string[] {
  const parameters = new URLSearchParams(query)
  const list = (name: string) => parameters.getAll(name).flatMap((value) => value.split(','))
  const only = list('only')
  const exclude = list('exclude')
  const wanted = only.length > 0 ? only : known
  return [...wanted.filter((name) => !exclude.includes(name)), ...exclude.filter((name) => !known.includes(name))]
}
