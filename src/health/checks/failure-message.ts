/** Long enough for every message that says what is wrong, short enough for a line of a terminal or a log. */
const messageMaxLength = 500

/** The text of an error with those of its causes (`fetch failed: connect ECONNREFUSED …`), outermost first. */
export function messageOf(error: unknown): string {
  const text = [...new Set(textsOf(error, new Set()))].join(': ')
  return text.length > messageMaxLength ? `${text.slice(0, messageMaxLength - 1)}…` : text
}

function textsOf(error: unknown, seen: Set<unknown>): string[] {
  if (seen.has(error)) return []
  seen.add(error)
  if (!(error instanceof Error)) return error === undefined ? [] : [String(error)]
  // A connection tried over several addresses fails with an aggregate that has no text of its own.
  const inner = error instanceof AggregateError ? [error.cause, ...error.errors] : [error.cause]
  const texts = inner.flatMap((each) => textsOf(each, seen)).filter((text) => !error.message.includes(text))
  return error.message === '' && texts.length > 0 ? texts : [error.message || error.name, ...texts]
}
