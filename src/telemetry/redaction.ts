/**
 * Removes the secrets of the configuration from what leaves the process. One compiled expression holds every spelling
 * in which a secret may turn up: as it is, URL-encoded, escaped for JSON (by the line, and by documents quoted in it).
 */
export interface Redaction {
  text(text: string): string
  /** A copy of plain data (objects, arrays, strings) without secrets in values and keys. */
  value<T>(value: T): T
  /** One log line, a JSON object and its line break. */
  line(line: string): string
}

const replacement = '[redacted]'

/**
 * Fields that the logger writes itself, from closed sets and the clock. They stay whole, so that a weak secret
 * (a password `info`, `2026`) costs a word of a message and not the order of the log.
 */
const ownFields: ReadonlySet<string> = new Set(['level', 'time', 'event', 'machine', 'region', 'version'])

/** Undefined when there is nothing to hide, so that callers can leave the step out. */
export function createRedaction(secrets: readonly string[]): Redaction | undefined {
  const spellings = new Set(secrets.filter((secret) => secret !== '').flatMap(spellingsOf))
  if (spellings.size === 0) return undefined
  // Longest first: a whole connection string goes before the password within it.
  const alternatives = [...spellings].sort((a, b) => b.length - a.length).map((spelling) => literal(spelling))
  const anySpelling = new RegExp(alternatives.join('|'))
  const everySpelling = new RegExp(anySpelling, 'g')

  const text = (input: string) => input.replace(everySpelling, replacement)

  function value<T>(input: T): T
  function value(input: unknown): unknown {
    if (typeof input === 'string') return text(input)
    if (typeof input === 'number') return spellings.has(String(input)) ? replacement : input
    if (Array.isArray(input)) return input.map((item: unknown) => value(item))
    if (typeof input !== 'object' || input === null) return input
    return Object.fromEntries(Object.entries(input).map(([key, inner]) => [text(key), value(inner)]))
  }

  // Nearly no line holds a secret, so the common path is one test. A hit is parsed, because a replacement in the text
  // itself could break a number (a password of digits) or a key, and a broken line is lost to every reader.
  function line(input: string): string {
    if (!anySpelling.test(input)) return input
    const entries = Object.entries(JSON.parse(input) as Record<string, unknown>)
    const clean = entries.map(([key, inner]) => (ownFields.has(key) ? [key, inner] : [text(key), value(inner)]))
    return `${JSON.stringify(Object.fromEntries(clean))}\n`
  }

  return { text, value, line }
}

function spellingsOf(secret: string): string[] {
  const wellFormed = secret.toWellFormed()
  const encoded = [
    encodeURIComponent(wellFormed),
    encodeURI(wellFormed),
    new URLSearchParams([['', wellFormed]]).toString().slice('='.length),
  ]
  const once = escapedForJson(secret)
  const twice = escapedForJson(once)
  return [
    ...[secret, once, twice, escapedForJson(twice)],
    ...encoded,
    // RFC 3986 6.2.2.1: the digits of a percent-encoding may be written in either case.
    ...encoded.map((text) => text.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase())),
  ]
}

const escapedForJson = (text: string) => JSON.stringify(text).slice(1, -1)

/** `RegExp.escape`, which Node 22 does not have. */
const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
