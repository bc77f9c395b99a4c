import * as z from 'zod'
import { type Criterion, criterionMetrics } from './criterion.ts'
import { jsonProblems } from './json-problems.ts'

/** Both never at once. A problem is a sentence that names the place in the file. */
export type ReadCriteria =
  | { readonly criteria: readonly Criterion[]; readonly problems?: undefined }
  | { readonly criteria?: undefined; readonly problems: readonly string[] }

const criterion = z.strictObject({
  id: z.string().min(1).max(100),
  metric: z.enum(criterionMetrics),
  op: z.enum(['<', '<=', '>', '>=', '=']),
  value: z.number(),
  population: z.enum(['all', 'warm']).optional(),
  ifKnown: z.boolean().optional(),
})

const criteriaFile = z
  .array(criterion)
  .min(1)
  .refine((list) => new Set(list.map(({ id, population }) => `${population ?? ''} ${id}`)).size === list.length, {
    message: 'two criteria have the same id and population',
  })

/** The text of a criteria file: a JSON list of criteria, which replaces the default ones. */
export function readCriteria(text: string): ReadCriteria {
  const { value, problems } = jsonProblems(text, criteriaFile)
  return problems === undefined ? { criteria: value } : { problems }
}
