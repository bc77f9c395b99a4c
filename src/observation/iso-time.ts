const isoTime = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i

/**
 * Unix milliseconds of an ISO 8601 time with a zone (the profile of RFC 3339); undefined for anything else, a day that
 * does not exist included. Digits behind the milliseconds are cut.
 */
export function readIsoTime(text: string): number | undefined {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) return undefined
  // What our own programs write: one comparison proves form and day at once.
  if (text.length === 24 && new Date(ms).toISOString() === text) return ms
  return isoTime.test(text) && isDay(text.slice(0, 10)) ? ms : undefined
}

/** `Date` takes 30 February for 2 March. */
const isDay = (day: string) => new Date(`${day}T00:00Z`).toISOString().startsWith(day)
