const hidden = '[redacted]'

/**
 * What must not get from a log into a report. The service leaves its own secrets out of its log; other programs that
 * write into the same stream may not.
 */
const patterns: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // Connection strings and other URLs with a password.
  [/([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@"']{1,256}@/gi, `$1${hidden}@`],
  [/\b(Bearer|Basic|FlyV1)\s+[\w+./=~,-]{8,}/gi, `$1 ${hidden}`],
  // Fly's macaroons, and JSON Web Tokens.
  [/\bfm[12][ar]?_[\w+/=-]{8,}/g, hidden],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, hidden],
  [/((?:password|passwd|secret|token|api[_-]?key)["']?\s*[=:]\s*["']?)[^\s"',;&]{3,}/gi, `$1${hidden}`],
]

export function redact(text: string): string {
  return patterns.reduce((left, [pattern, replacement]) => left.replace(pattern, replacement), text)
}
