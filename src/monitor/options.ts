import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { readDurationMs } from './duration.ts'
import type { ProbeTarget } from './prober.ts'

/** What `medio monitor` was asked to do. */
export type MonitorOptions = LiveOptions | ReplayOptions

interface ReportOptions {
  /** Files of the user's. */
  readonly criteriaFile: string | undefined
  readonly baselineFile: string | undefined
  readonly logFile: string | undefined
  /** A directory for the reports and the observations. */
  readonly outDirectory: string | undefined
}

export interface LiveOptions extends ReportOptions {
  readonly kind: 'live'
  readonly targets: readonly ProbeTarget[]
  readonly source: string
  /** Undefined: until it is stopped. */
  readonly durationMs: number | undefined
  /** Between two probes of one target. */
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly reuse: boolean
  readonly controlUrl: URL | undefined
  readonly metricsUrl: URL | undefined
  /** The service's report, for its top statements. */
  readonly statementsUrl: URL | undefined
  readonly flyApp: string | undefined
  /** Where batches of observations go. */
  readonly postUrl: URL | undefined
}

export interface ReplayOptions extends ReportOptions {
  readonly kind: 'replay'
  readonly replayFile: string
}

const words = {
  duration: { type: 'string' },
  interval: { type: 'string' },
  timeout: { type: 'string' },
  path: { type: 'string', multiple: true },
  target: { type: 'string' },
  source: { type: 'string' },
  control: { type: 'string' },
  reuse: { type: 'boolean' },
  'fly-app': { type: 'string' },
  logs: { type: 'string' },
  metrics: { type: 'string' },
  statements: { type: 'string' },
  criteria: { type: 'string' },
  baseline: { type: 'string' },
  post: { type: 'string' },
  forever: { type: 'boolean' },
  out: { type: 'string' },
  replay: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig
type Name = keyof typeof words

/** Without their dashes. */
export const optionNames = Object.keys(words)
type Values = ReturnType<typeof parse>['values']

const parse = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: words, allowPositionals: true, strict: false, tokens: true })

/** Means something only while probing. */
const liveNames = [
  ...(['duration', 'interval', 'timeout', 'path', 'target', 'source', 'control', 'reuse', 'fly-app'] as const),
  ...(['metrics', 'statements', 'post', 'forever'] as const),
] satisfies Name[]
const intervalMinMs = 100
const timeoutMaxMs = 600_000
const healthPath = '/api/health'

/** Every problem at once, each as a sentence that names its option. */
export function readOptions(
  args: readonly string[],
): { readonly options: MonitorOptions } | { readonly problems: readonly string[] } {
  const { values, positionals, tokens } = parse(args)
  const problems = formProblems(tokens)
  const read = reader(values, problems)
  const report = {
    criteriaFile: read.text('criteria'),
    baselineFile: read.text('baseline'),
    logFile: read.text('logs'),
    outDirectory: read.text('out'),
  }
  const replayFile = read.text('replay')
  const options: MonitorOptions =
    replayFile === undefined
      ? { kind: 'live', ...report, ...readLive(values, positionals, read, problems) }
      : { kind: 'replay', ...report, replayFile }
  if (replayFile !== undefined) {
    if (positionals.length > 0) problems.push(`--replay probes nothing: leave out ${positionals.join(' ')}`)
    for (const name of liveNames) {
      if (values[name] !== undefined) problems.push(`--${name} has no meaning with --replay, which probes nothing`)
    }
  }
  return problems.length > 0 ? { problems } : { options }
}

function readLive(values: Values, positionals: readonly string[], read: Reader, problems: string[]) {
  const intervalMs = read.durationMs('interval', 15_000, intervalMinMs)
  const forever = values.forever === true
  const durationMs = forever ? undefined : read.durationMs('duration', 300_000, 1)
  if (forever && values.duration !== undefined) problems.push('--forever and --duration are both given; choose one')
  if (durationMs !== undefined && durationMs < intervalMs) {
    problems.push('--duration is shorter than --interval, so there would be no probe; lengthen it')
  }
  const timeoutMs = read.durationMs('timeout', 10_000, 1)
  if (timeoutMs > timeoutMaxMs) problems.push('--timeout is longer than 10m')
  const flyApp = read.text('fly-app')
  if (flyApp !== undefined && !/^[a-z0-9][a-z0-9-]{0,62}$/.test(flyApp)) {
    problems.push('--fly-app is not the name of an app: a-z, 0-9 and -')
  }
  return {
    targets: readTargets(values, positionals, read, problems),
    source: read.name('source', 64) ?? 'monitor',
    durationMs,
    intervalMs,
    timeoutMs,
    reuse: values.reuse === true,
    controlUrl: read.url('control'),
    metricsUrl: read.url('metrics'),
    statementsUrl: withPath(read.url('statements'), '/api/report'),
    flyApp,
    postUrl: withPath(read.url('post'), '/api/observations'),
  }
}

function readTargets(values: Values, positionals: readonly string[], read: Reader, problems: string[]): ProbeTarget[] {
  if (positionals.length === 0) problems.push('no URL is given; name the service to probe, or a file with --replay')
  const paths = (values.path ?? []).filter((path): path is string => typeof path === 'string')
  for (const path of paths) if (!path.startsWith('/')) problems.push(`--path ${path} does not begin with /`)
  const urls = positionals.flatMap((text) => {
    const url = readUrl(text, text, problems)
    if (url === undefined) return []
    if (paths.length > 0) return paths.flatMap((path) => URL.parse(path, url.origin) ?? [])
    return [withPath(url, healthPath) ?? url]
  })
  const name = read.name('target', 256)
  if (name !== undefined && urls.length > 1) problems.push('--target names one target, but several are to be probed')
  const targets = urls.map((url) => ({ name: name ?? nameOf(url), url }))
  const twice = targets.find(({ name: each }, index) => targets.findIndex((other) => other.name === each) < index)
  if (twice !== undefined && name === undefined) problems.push(`${twice.name} is to be probed twice; leave one out`)
  return targets
}

/** No query: it may hold what nobody should read. */
function nameOf({ host, pathname }: URL): string {
  return `${host}${pathname === healthPath ? '' : pathname}`.slice(0, 256)
}

function withPath(url: URL | undefined, path: string): URL | undefined {
  if (url === undefined || url.pathname !== '/') return url
  const complete = new URL(url)
  complete.pathname = path
  return complete
}

function readUrl(text: string, subject: string, problems: string[]): URL | undefined {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    problems.push(`${subject} is not a URL that begins with http:// or https://`)
    return undefined
  }
  if (url.username === '' && url.password === '') return url
  problems.push(`the URL of ${url.host} has a user or password in it, which would be recorded; leave them out`)
  return undefined
}

type Reader = ReturnType<typeof reader>

function reader(values: Values, problems: string[]) {
  function text(name: Name): string | undefined {
    const value = values[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }

  function durationMs(name: Name, fallback: number, leastMs: number): number {
    const given = text(name)
    if (given === undefined) return fallback
    const ms = readDurationMs(given)
    if (ms !== undefined && ms >= leastMs) return ms
    const least = leastMs > 1 ? ` of at least ${leastMs}ms` : ''
    problems.push(`--${name} is not a duration${least} such as 250ms, 15s, 5m or 1h30m`)
    return fallback
  }

  function url(name: Name): URL | undefined {
    const given = text(name)
    return given === undefined ? undefined : readUrl(given, `--${name}`, problems)
  }

  function name(option: Name, most: number): string | undefined {
    const given = text(option)
    if (given === undefined || given.length <= most) return given
    problems.push(`--${option} is longer than ${most} characters`)
    return undefined
  }

  return { text, durationMs, url, name }
}

/** What `strict` of parseArgs would stop at, one by one. */
function formProblems(tokens: ReturnType<typeof parse>['tokens']): string[] {
  const seen = new Set<string>()
  return tokens.flatMap((token) => {
    if (token.kind !== 'option') return []
    const { name, rawName, value } = token
    if (!Object.hasOwn(words, name)) return [`${rawName} is no option of medio monitor`]
    const { type, ...rest } = words[name as Name]
    const repeated = seen.has(name) && !('multiple' in rest)
    seen.add(name)
    if (type === 'boolean') return value === undefined ? [] : [`${rawName} takes no value`]
    if (value === undefined || value === '' || value.startsWith('--')) return [`${rawName} needs a value`]
    return repeated ? [`${rawName} is given twice`] : []
  })
}
