import type { FailingCheck } from '../observation/observation.ts'

/** What a probe takes from the body of a health answer. */
export interface HealthAnswer {
  readonly healthStatus: string
  readonly version?: string
  readonly databaseMs?: number
  readonly reasons?: readonly FailingCheck[]
}

/** What the history takes, so that one odd answer doesn't make the record unfit to send. */
const statusMaxLength = 64
const versionMaxLength = 128
const checkMaxLength = 128
const codeMaxLength = 64
const reasonsMax = 64
const databaseMaxMs = 86_400_000

export function readHealthAnswer(body: string): HealthAnswer | 'not_json' | 'not_health' {
  let answer: unknown
  try {
    answer = JSON.parse(body)
  } catch {
    return 'not_json'
  }
  if (!isRecord(answer)) return 'not_health'
  const healthStatus = textOf(answer.status, statusMaxLength)
  if (healthStatus === undefined) return 'not_health'
  const version = textOf(answer.version, versionMaxLength)
  const databaseMs = databaseMsOf(answer.services)
  const reasons = reasonsOf(answer.reasons)
  return {
    healthStatus,
    ...(version !== undefined && { version }),
    ...(databaseMs !== undefined && { databaseMs }),
    ...(reasons !== undefined && { reasons }),
  }
}

function databaseMsOf(services: unknown): number | undefined {
  const database = isRecord(services) ? services.database : undefined
  const ms = isRecord(database) ? database.responseTime : undefined
  return typeof ms === 'number' && ms >= 0 && ms <= databaseMaxMs ? ms : undefined
}

function reasonsOf(reasons: unknown): FailingCheck[] | undefined {
  if (!Array.isArray(reasons)) return undefined
  return reasons.slice(0, reasonsMax).flatMap((reason: unknown) => {
    if (!isRecord(reason)) return []
    const check = textOf(reason.check, checkMaxLength)
    const code = textOf(reason.code, codeMaxLength)
    return check === undefined || code === undefined ? [] : [{ check, code }]
  })
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Undefined for what is no text of this length, or could do something to a terminal or a database that it gets to. */
export function textOf(value: unknown, maxLength: number): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > maxLength) return undefined
  return /\p{Cc}/u.test(value) || !value.isWellFormed() ? undefined : value
}
