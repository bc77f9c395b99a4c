import type { Report } from '../report.ts'

export function renderJson({ target }: Report): string {
  throw new Error(`the report of ${target} has no json yet`)
}
