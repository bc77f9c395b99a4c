import type { ZodType } from 'zod'

/** A JSON text of a known shape, or what is wrong with it, each as a place and a fault; never a value of the text. */
export function jsonProblems<Value>(
  text: string,
  schema: ZodType<Value>,
):
  | { readonly value: Value; readonly problems?: undefined }
  | { readonly value?: undefined; readonly problems: readonly string[] } {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return { problems: ['it is no JSON'] }
  }
  const { data, error } = schema.safeParse(parsed)
  if (error === undefined) return { value: data }
  return {
    problems: error.issues.map(({ path, message }) => {
      const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
      return `${place === '' ? '' : `${place.replace(/^\./, '')}: `}${message.replace(/^Invalid (input|option): /, '')}`
    }),
  }
}
