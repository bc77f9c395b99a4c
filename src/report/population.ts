/** What criteria are judged by, of one population of observations. */
import { isOk, type Observation } from '../observation/observation.ts'
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
  add(observation: Observation): void
  /** Of the answers. */
  readonly latency: Distribution
  figures(): PopulationFigures
}

export function createPopulation(): Population {
  const latency = createDistribution()
  const connectionCodes = createBoundedCounts()
  let [probes, ok, silentOfDatabase, statements] = [0, 0, 0, 0]
  const unhealthy = createCases()
  const gatewayErrors = createCases()
  const connectionErrors = createCases()
  let slowestAnswer: Slowest | undefined
  let slowestStatement: Slowest | undefined

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
    add(observation) {
      const { at, durationMs, statusCode, healthStatus, databaseMs } = observation
      probes += 1
      if (isOk(observation)) ok += 1
      if (isSilentOfDatabase(observation)) silentOfDatabase += 1
      if (statusCode !== undefined) addAnswer(at, durationMs)
      if (statusCode !== 200 || healthStatus !== 'healthy') unhealthy.add(at, () => faultCodes(observation).join(', '))
      if (statusCode === 502 || statusCode === 503) gatewayErrors.add(at, () => `http_${statusCode}`)
      const fault = connectionFault(observation)
      if (fault !== undefined) {
        connectionCodes.add(fault)
        connectionErrors.add(at, () => fault)
      }
      if (databaseMs !== undefined) addStatement(at, databaseMs)
    },
    figures: () => ({
      probes,
      ok,
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
