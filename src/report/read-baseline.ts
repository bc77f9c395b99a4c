import * as z from 'zod'
import { jsonProblems } from './json-problems.ts'

/** Of an earlier `report.json`: as much as a comparison needs. */
export interface Baseline {
  readonly target: string
  readonly from: string | null
  readonly to: string | null
  readonly latencyMs: Readonly<Record<'all' | 'warm' | 'cold', BaselineLatency>>
  readonly availability: { readonly good: number; readonly total: number }
}

export interface BaselineLatency {
  readonly count: number
  readonly p50: number | null
  readonly histogram: readonly (readonly [upperMs: number, count: number])[]
}

export type ReadBaseline =
  | { readonly baseline: Baseline; readonly problems?: undefined }
  | { readonly baseline?: undefined; readonly problems: readonly string[] }

const count = z.int().nonnegative()
const latency = z.object({
  count,
  p50: z.number().nonnegative().nullable(),
  histogram: z.array(z.tuple([z.number().positive(), count])),
})

const reportFile = z.object({
  schemaVersion: z.literal(1),
  target: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  latencyMs: z.object({ all: latency, warm: latency, cold: latency }),
  availability: z.object({ good: count, total: count }).refine(({ good, total }) => good <= total, {
    message: 'good is more than total',
  }),
})

/** The text of a `report.json`; members that a later minor version added are left alone. */
export function readBaseline(text: string): ReadBaseline {
  const { value, problems } = jsonProblems(text, reportFile)
  return problems === undefined ? { baseline: value } : { problems }
}
