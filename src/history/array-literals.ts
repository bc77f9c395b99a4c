/**
 * Lists as Postgres reads arrays (https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO). pg escapes element by
 * element, which for a batch of a thousand rows costs as much as Postgres takes to store them. A list of nothing but nulls
 * is null: `unnest` of several arrays fills the shorter ones up.
 */

/** For elements that need no quotes: numbers, UUIDs, times. */
export function plainArray(values: readonly (string | number | null | undefined)[]): string | null {
  let text = ''
  let isEmpty = true
  for (const value of values) {
    text += text === '' ? '{' : ','
    if (value === null || value === undefined) text += 'NULL'
    else {
      text += value
      isEmpty = false
    }
  }
  return isEmpty ? null : `${text}}`
}

/** For any text. Most of a batch repeats itself, so each one is quoted once. */
export function textArray(values: readonly (string | null | undefined)[]): string | null {
  const quoted = new Map<string, string>()
  return plainArray(
    values.map((value) => {
      if (value === null || value === undefined) return value
      const known = quoted.get(value)
      if (known !== undefined) return known
      const text = `"${value.replace(/["\\]/g, '\\$&')}"`
      quoted.set(value, text)
      return text
    }),
  )
}
