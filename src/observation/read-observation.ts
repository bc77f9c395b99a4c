import { readIsoTime } from './iso-time.ts'
import type { FailingCheck, Observation, ProbePhases } from './observation.ts'
import { observationId } from './observation-id.ts'

export interface FieldProblem {
  /** Dotted: `phases.dnsMs`, `reasons[2].code`; empty when the whole is no object. */
  readonly field: string
  /** Follows the name of the field in a sentence: `is not …`. */
  readonly detail: string
}

/** What is taken for a target or source that is not told. */
export interface ObservationDefaults {
  readonly target: string
  readonly source: string
}

/** A prober that tells neither is somebody's script, from outside, against the one service there is. */
export const observationDefaults: ObservationDefaults = { target: 'service', source: 'outside' }

const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i
/** No probe takes longer than a day, as the log buckets have it. */
const durationMaxMs = 86_400_000
/** A century: no machine runs longer. */
const uptimeMaxMs = 3_155_760_000_000
const earliestMs = Date.UTC(2000, 0)
const latestMs = Date.UTC(2100, 0)
const reasonsMax = 64
const phaseNames = ['dnsMs', 'connectMs', 'tlsMs', 'firstByteMs'] as const

/**
 * One observation as somebody sent or stored it: strict in what is known, blind to what is not, so that a newer prober
 * may tell more. `null` is absent. Hand-written: a batch has a thousand of them, and all of its problems are told.
 */
export function readObservation(
  value: unknown,
  defaults: ObservationDefaults = observationDefaults,
): { readonly observation: Observation } | { readonly problems: readonly FieldProblem[] } {
  if (!isRecord(value)) return { problems: [{ field: '', detail: 'is not a JSON object' }] }
  const problems: FieldProblem[] = []
  const read = reader(value, problems)

  const at = read.time('at')
  if (at === undefined && isAbsent(value.at)) problems.push({ field: 'at', detail: 'is missing' })
  const durationMs = read.durationMs('durationMs', durationMaxMs)
  if (isAbsent(value.durationMs)) problems.push({ field: 'durationMs', detail: 'is missing' })
  const target = read.text('target', 256) ?? defaults.target
  const source = read.text('source', 64) ?? defaults.source
  const machine = read.text('machine', 128)
  const observation = {
    id: read.id('id'),
    at,
    intendedAt: read.time('intendedAt'),
    target,
    source,
    region: read.text('region', 64),
    machine,
    version: read.text('version', 128),
    durationMs,
    statusCode: read.statusCode('statusCode'),
    healthStatus: read.text('healthStatus', 64),
    uptimeMs: read.durationMs('uptimeMs', uptimeMaxMs),
    resumeMs: read.durationMs('resumeMs', uptimeMaxMs),
    phases: read.phases('phases'),
    errorCode: read.text('errorCode', 64),
    databaseMs: read.durationMs('databaseMs', durationMaxMs),
    reasons: read.reasons('reasons'),
  }
  if (isAbsent(value.statusCode) && isAbsent(value.errorCode)) {
    problems.push({ field: 'statusCode', detail: 'is missing, and no errorCode says why' })
  }
  if (problems.length > 0 || at === undefined || durationMs === undefined) return { problems }
  observation.id ??= observationId({ source, target, machine, at })
  return { observation: withoutAbsent(observation) as unknown as Observation }
}

function reader(value: Readonly<Record<string, unknown>>, problems: FieldProblem[]) {
  const refuse = (field: string, detail: string): undefined => {
    problems.push({ field, detail })
    return undefined
  }

  function time(field: string): string | undefined {
    const given = value[field]
    if (isAbsent(given)) return undefined
    const ms = typeof given === 'string' && given.length <= 40 ? readIsoTime(given) : undefined
    if (ms === undefined) return refuse(field, 'is not an ISO 8601 time with a zone')
    if (ms < earliestMs || ms >= latestMs) return refuse(field, 'is not a time from 2000 to 2099')
    return new Date(ms).toISOString()
  }

  function text(field: string, most: number): string | undefined {
    const given = value[field]
    if (isAbsent(given)) return undefined
    return isText(given, most) ? given : refuse(field, textDetail(most))
  }

  function durationMs(field: string, most: number, given: unknown = value[field]): number | undefined {
    if (isAbsent(given)) return undefined
    if (typeof given === 'number' && given >= 0 && given <= most) return given
    return refuse(field, `is not a number of milliseconds from 0 to ${most}`)
  }

  function id(field: string): string | undefined {
    const given = value[field]
    if (isAbsent(given)) return undefined
    return typeof given === 'string' && uuid.test(given) ? given.toLowerCase() : refuse(field, 'is not a UUID')
  }

  function statusCode(field: string): number | undefined {
    const given = value[field]
    if (isAbsent(given)) return undefined
    const isCode = typeof given === 'number' && Number.isInteger(given) && given >= 100 && given <= 599
    return isCode ? given : refuse(field, 'is not a whole number from 100 to 599')
  }

  function phases(field: string): ProbePhases | undefined {
    const given = value[field]
    if (isAbsent(given)) return undefined
    if (!isRecord(given)) return refuse(field, 'is not a JSON object')
    const found: Record<string, number> = {}
    for (const name of phaseNames) {
      const ms = durationMs(`${field}.${name}`, durationMaxMs, given[name] ?? null)
      if (ms !== undefined) found[name] = ms
    }
    return found
  }

  function reasons(field: string): FailingCheck[] | undefined {
    const given = value[field]
    if (isAbsent(given)) return undefined
    if (!Array.isArray(given) || given.length > reasonsMax) {
      return refuse(field, `is not a list of at most ${reasonsMax} failing checks`)
    }
    return given.flatMap((reason: unknown, index) => {
      const { check, code } = isRecord(reason) ? reason : {}
      if (!isText(check, 128)) return refuse(`${field}[${index}].check`, textDetail(128)) ?? []
      if (!isText(code, 64)) return refuse(`${field}[${index}].code`, textDetail(64)) ?? []
      return { check, code }
    })
  }

  return { time, text, durationMs, id, statusCode, phases, reasons }
}

const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What Postgres can store as it is: neither NUL nor half of a surrogate pair. */
const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' &&
  value.length >= 1 &&
  value.length <= most &&
  !value.includes('\0') &&
  value.isWellFormed()

const textDetail = (most: number) => `is not a text of 1 to ${most} characters`

/** Absent members are not there at all, so that what was read is written again as it came. */
function withoutAbsent(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const present: Record<string, unknown> = {}
  for (const name of Object.keys(members)) if (members[name] !== undefined) present[name] = members[name]
  return present
}
