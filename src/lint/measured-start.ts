import * as z from 'zod'

/** Written by the bench, so that the grace period is held against a figure and not against a hope. */
export const measuredStartFile = 'bench/measured/start.json'

/** The slowest of a hundred is the least that a 99th percentile can be read from. */
const leastCount = 100

const schema = z.strictObject({
  /** The day, as 2026-11-22. */
  measuredOn: z.iso.date(),
  /** How many starts. */
  count: z.int().min(leastCount),
  /** What was started and how it was slowed down, for a person. */
  method: z.string().min(1),
  /** From exec of the supervisor to the first 200 through nginx, on the share of a core that Fly guarantees. */
  throttledP99Ms: z.number().positive(),
})

/** The figures, or why there are none. */
export type MeasuredStart = (z.infer<typeof schema> & { readonly problem?: undefined }) | { readonly problem: string }

/** `text`: undefined when there is no file. */
export function readMeasuredStart(text: string | undefined): MeasuredStart {
  if (text === undefined) return { problem: `${measuredStartFile} does not exist` }
  try {
    const { data, error } = schema.safeParse(JSON.parse(text))
    if (data !== undefined) return data
    const issues = error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
    return { problem: `${measuredStartFile} can't be used (${issues.join('; ')})` }
  } catch (error) {
    return { problem: `${measuredStartFile} is no JSON (${error instanceof Error ? error.message : String(error)})` }
  }
}
