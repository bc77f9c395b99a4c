import * as z from 'zod'
import { flyDurationMs } from './fly-duration.ts'
import { flyMemoryMb } from './fly-memory.ts'

/** Milliseconds. `bareUnitMs`: what a number without a unit counts. */
export const duration = (bareUnitMs: number) =>
  z.unknown().transform((value, context) => {
    const ms = typeof value === 'string' || typeof value === 'number' ? flyDurationMs(value, bareUnitMs) : undefined
    if (ms !== undefined) return ms
    context.addIssue({ code: 'custom', message: 'expected a duration such as 5s or 1m30s' })
    return z.NEVER
  })
/** MiB. */
export const memory = z.unknown().transform((value, context) => {
  const mb = typeof value === 'string' || typeof value === 'number' ? flyMemoryMb(value) : undefined
  if (mb !== undefined) return mb
  context.addIssue({ code: 'custom', message: 'expected a size such as 256mb or 1gb' })
  return z.NEVER
})

/** What may be one table or a list of them, as a list. */
export const oneOrList = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(schema)).optional()

export const port = z.int().min(1).max(65_535)
export const texts = z.array(z.string()).optional()
export const textByName = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional()
