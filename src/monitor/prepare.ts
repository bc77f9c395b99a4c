import { accessSync, constants, readFileSync } from 'node:fs'
import { type Criterion, defaultCriteria } from '../report/criterion.ts'
import { type Baseline, readBaseline } from '../report/read-baseline.ts'
import { readCriteria } from '../report/read-criteria.ts'
import type { MonitorOptions } from './options.ts'
import { prepareDirectory } from './out-directory.ts'

/** The variables of the environment that the monitor reads. All but the last are secrets. */
export interface MonitorSecrets {
  readonly FLY_API_TOKEN?: string | undefined
  readonly PROBE_TOKEN?: string | undefined
  readonly OPERATOR_TOKEN?: string | undefined
  /** Where the Machines API is, as flyctl's documents have it: a URL. */
  readonly FLY_API_HOSTNAME?: string | undefined
}

export interface Prepared {
  readonly criteria: readonly Criterion[]
  readonly baseline: Baseline | undefined
  readonly flyApiUrl: URL
}

const publicApi = 'https://api.machines.dev'
/** Fly's private network and this machine: elsewhere a token would go over the wire for all to read. */
const plainHosts: ReadonlySet<string> = new Set(['_api.internal', 'localhost', '127.0.0.1', '[::1]'])

/** Everything that could stop a run is looked at before its first probe, and told all at once. */
export function prepare(
  options: MonitorOptions,
  secrets: MonitorSecrets,
): { readonly prepared: Prepared } | { readonly problems: readonly string[] } {
  const problems: string[] = []
  const criteria = readWith('--criteria', options.criteriaFile, readCriteria, problems)?.criteria
  const baseline = readWith('--baseline', options.baselineFile, readBaseline, problems)?.baseline
  requireReadable('--logs', options.logFile, problems)
  if (options.kind === 'replay') requireReadable('--replay', options.replayFile, problems)
  else problems.push(...secretProblems(options, secrets))
  const flyApiUrl = readApiUrl(secrets.FLY_API_HOSTNAME, problems)
  if (problems.length === 0 && options.outDirectory !== undefined) {
    const problem = prepareDirectory(
      options.outDirectory,
      options.kind === 'replay'
        ? { continues: false, replayed: options.replayFile }
        : { continues: options.durationMs === undefined },
    )
    if (problem !== undefined) problems.push(problem)
  }
  if (problems.length > 0) return { problems }
  return { prepared: { criteria: criteria ?? defaultCriteria, baseline, flyApiUrl } }
}

function secretProblems(options: MonitorOptions & { kind: 'live' }, secrets: MonitorSecrets): string[] {
  const needed = [
    ['--fly-app', options.flyApp, 'FLY_API_TOKEN', 'make one with: fly tokens create readonly'],
    ['--post', options.postUrl, 'PROBE_TOKEN', "set it to one of the service's"],
    ['--statements', options.statementsUrl, 'OPERATOR_TOKEN', "set it to one of the service's"],
  ] as const
  return needed.flatMap(([option, value, name, next]) =>
    value !== undefined && (secrets[name] ?? '') === '' ? [`${option} needs ${name} in the environment; ${next}`] : [],
  )
}

type Read = { readonly problems?: readonly string[] | undefined }

function readWith<T extends Read>(
  option: string,
  path: string | undefined,
  read: (text: string) => T,
  problems: string[],
): T | undefined {
  if (path === undefined) return undefined
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    problems.push(`${option} ${path} can't be read (${messageOf(error)})`)
    return undefined
  }
  const result = read(text)
  problems.push(...(result.problems ?? []).map((problem) => `${option} ${path}: ${problem}`))
  return result
}

function requireReadable(option: string, path: string | undefined, problems: string[]): void {
  if (path === undefined) return
  try {
    accessSync(path, constants.R_OK)
  } catch (error) {
    problems.push(`${option} ${path} can't be read (${messageOf(error)})`)
  }
}

function readApiUrl(text: string | undefined, problems: string[]): URL {
  const url = URL.parse(text === undefined || text === '' ? publicApi : text)
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && plainHosts.has(url.hostname))) return url
  problems.push(`FLY_API_HOSTNAME is not an https:// URL such as ${publicApi}, nor http://_api.internal:4280`)
  return new URL(publicApi)
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
