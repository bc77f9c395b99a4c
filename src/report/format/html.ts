import type { Report } from '../report.ts'

export function renderHtml({ target }: Report): string {
  throw new Error(`the report of ${target} has no html yet`)
}
