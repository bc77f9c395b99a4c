import type { Report } from '../report.ts'

export function renderMarkdown({ target }: Report): string {
  throw new Error(`the report of ${target} has no markdown yet`)
}
