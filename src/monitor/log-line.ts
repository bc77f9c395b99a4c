import { stripVTControlCharacters } from 'node:util'

/** One line of a log, whoever wrote it. */
export interface LogLine {
  readonly atMs?: number
  /** `app`, or a part of Fly's platform: `proxy`, `runner`, `health`. */
  readonly origin: string
  readonly machine?: string
  readonly region?: string
  readonly level: string
  readonly text: string
  /** Of a JSON line: all of it. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/** `2026-11-22T10:00:00Z app[28715d4c671438] iad [info]the message`, as `fly logs` prints. */
const flyText = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)\s+([\w-]+)\[([\w-]*)\]\s+(\w{2,5})\s+\[(\w+)\]\s?(.*)$/

/** Undefined for a line that is neither JSON nor text of `fly logs`. */
export function readLogLine(line: string): LogLine | undefined {
  const text = stripVTControlCharacters(line).trim()
  const fields = jsonObject(text)
  if (fields !== undefined) return shipped(fields) ?? ours(fields)
  const [, at = '', origin = '', machine = '', region = '', level = '', message = ''] = flyText.exec(text) ?? []
  if (at === '') return undefined
  return within(message, { ...timeOf(at), origin, machine, region, level })
}

type Envelope = Omit<LogLine, 'text' | 'fields'>

/** A message that is a line of the service itself tells more than what it came in. */
function within(message: string, envelope: Envelope): LogLine {
  const fields = jsonObject(message)
  return fields === undefined ? { ...envelope, text: message } : { ...envelope, ...ours(fields) }
}

/** The shapes of `fly logs --json` and of the log stream: an envelope around the message. */
function shipped(fields: Readonly<Record<string, unknown>>): LogLine | undefined {
  const { message, timestamp, instance, region, level } = fields
  if (typeof message !== 'string' || typeof timestamp !== 'string') return undefined
  const app = record(record(fields.fly).app)
  const origin = record(fields.event).provider ?? record(record(fields.meta).event).provider
  return within(message, {
    ...timeOf(timestamp),
    ...named('machine', instance ?? app.instance),
    ...named('region', region ?? fields.region ?? app.region),
    origin: typeof origin === 'string' ? origin : 'app',
    level: wordOf(level) ?? wordOf(record(fields.log).level) ?? 'info',
  })
}

function ours(fields: Readonly<Record<string, unknown>>): LogLine {
  const error = record(fields.error)
  const words = [
    wordOf(fields.event),
    wordOf(fields.msg),
    ...(wordOf(error.message) === undefined ? [] : [`(${String(error.message)})`]),
  ]
  return {
    ...timeOf(fields.time),
    ...named('machine', fields.machine),
    ...named('region', fields.region),
    origin: 'app',
    level: wordOf(fields.level) ?? 'info',
    text: words.filter((word) => word !== undefined).join(' '),
    fields,
  }
}

/** Without a zone it is UTC, which is what Fly's machines and its log have. */
function timeOf(value: unknown): { atMs?: number } {
  if (typeof value !== 'string') return {}
  const atMs = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`)
  return Number.isNaN(atMs) ? {} : { atMs }
}

function named(name: 'machine' | 'region', value: unknown): { machine?: string; region?: string } {
  return typeof value === 'string' && value !== '' ? { [name]: value } : {}
}

const wordOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return record(JSON.parse(text))
  } catch {
    return undefined
  }
}
