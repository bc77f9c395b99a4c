import type { Observation } from '../observation/observation.ts'

/** Why an observation is bad, as few words as a machine needs: `database:timeout`, `fly_PR03`, `http_502`. */
export function faultCodes({ errorCode, statusCode, healthStatus, reasons = [] }: Observation): string[] {
  if (errorCode !== undefined) return [errorCode]
  if (statusCode === undefined) return ['no_answer']
  if (reasons.length > 0) return reasons.map(({ check, code }) => `${check}:${code}`)
  if (statusCode !== 200) return [`http_${statusCode}`]
  return [healthStatus === undefined ? 'no_health_status' : `status_${healthStatus}`]
}

/** Codes of the check `database` that mean it could not be reached, and not that it answered badly. */
const connectionCodes = new Set([
  'timeout',
  'connection_refused',
  'connection_lost',
  'dns_failed',
  'tls_failed',
  'auth_failed',
  'too_many_connections',
  'pool_exhausted',
])

/** Of the database that could not be reached; undefined: it could, or nothing is known. */
export function connectionFault({ reasons = [] }: Observation): string | undefined {
  return reasons.find(({ check, code }) => check === 'database' && connectionCodes.has(code))?.code
}

/** Nothing is known of the database: no list of reasons, and no word that all is well. */
export function isSilentOfDatabase({ reasons, healthStatus }: Observation): boolean {
  return reasons === undefined && healthStatus !== 'healthy'
}
