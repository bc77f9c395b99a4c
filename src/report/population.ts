/** What criteria are judged by, of one population of observations. */
import { isOk, type Observation } from '../observation/observation.ts'
import type { StartKind } from '../observation/start-kind.ts'
import { createDistribution, type Distribution } from '../statistics/distribution.ts'
import { createBoundedCounts } from './bounded-counts.ts'
import { connectionFault, faultCodes, isSilentOfDatabase } from './fault-codes.ts'
import type { CodeCount } from './report.ts'

/** The first one that broke a criterion, for its evidence. */
export interface FirstCase {
  readonly at: string
  readonly code: string
}

export interface Slowest {
  readonly at: string
  readonly ms: number
}

export interface PopulationFigures {
  readonly probes: number
  readonly ok: number
  readonly cold: number
  readonly unhealthy: number
  readonly firstUnhealthy: FirstCase | undefined
  readonly gatewayErrors: number
  readonly firstGatewayError: FirstCase | undefined
  readonly connectionErrors: number
  readonly connectionCodes: readonly CodeCount[]
  readonly firstConnectionError: FirstCase | undefined
  readonly silentOfDatabase: number
  readonly slowestAnswer: Slowest | undefined
  readonly slowestStatement: Slowest | undefined
  readonly statements: number
}

export interface Population {
  add(observation: Observation, kind: StartKind): void
  /** Of the answers. */
  readonly latency: Distribution
  figures(): PopulationFigures
}

export function createPopulation(): Population {
  const latency = createDistribution()
  const connectionCodes = createBoundedCounts()
  let [probes, ok, cold, silentOfDatabase, statements] = [0, 0, 0, 0, 0]
  const unhealthy = createCases()
  const gatewayErrors = createCases()
  const connectionErrors = createCases()
  let slowestAnswer: Slowest | undefined
  let slowestStatement: Slowest | undefined

  function addFault(observation: Observation): void {
    const { at, statusCode } = observation
    unhealthy.add(at, () => faultCodes(observation).join(', '))
    if (statusCode === 502 || statusCode === 503) gatewayErrors.add(at, () => `http_${statusCode}`)
    const fault = connectionFault(observation)
    if (fault === undefined) return
    connectionCodes.add(fault)
    connectionErrors.add(at, () => fault)
  }

  function addAnswer(at: string, ms: number): void {
    latency.add(ms)
    slowestAnswer = slower(slowestAnswer, { at, ms })
  }

  function addStatement(at: string, ms: number): void {
    statements += 1
    slowestStatement = slower(slowestStatement, { at, ms })
  }

  return {
    latency,
    add(observation, kind) {
      const { at, durationMs, statusCode, databaseMs } = observation
      probes += 1
      if (kind === 'cold') cold += 1
      if (isOk(observation)) ok += 1
      if (isSilentOfDatabase(observation)) silentOfDatabase += 1
      if (statusCode !== undefined) addAnswer(at, durationMs)
      if (!isHealthy(observation)) addFault(observation)
      if (databaseMs !== undefined) addStatement(at, databaseMs)
    },
    figures: () => ({
      probes,
      ok,
      cold,
      unhealthy: unhealthy.count(),
      firstUnhealthy: unhealthy.first(),
      gatewayErrors: gatewayErrors.count(),
      firstGatewayError: gatewayErrors.first(),
      connectionErrors: connectionErrors.count(),
      connectionCodes: connectionCodes.listed(),
      firstConnectionError: connectionErrors.first(),
      silentOfDatabase,
      slowestAnswer,
      slowestStatement,
      statements,
    }),
  }
}

/** Stricter than good: every check passes. Whoever was not answered was not told so. */
const isHealthy = ({ statusCode, healthStatus }: Observation) => statusCode === 200 && healthStatus === 'healthy'

function createCases() {
  let count = 0
  let first: FirstCase | undefined
  return {
    add(at: string, code: () => string) {
      count += 1
      first ??= { at, code: code() }
    },
    count: () => count,
    first: () => first,
  }
}

const slower = (known: Slowest | undefined, found: Slowest): Slowest =>
  known !== undefined && known.ms >= found.ms ? known : found
