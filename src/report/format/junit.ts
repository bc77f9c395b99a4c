import type { Report } from '../report.ts'

export function renderJunit({ target }: Report): string {
  throw new Error(`the report of ${target} has no junit yet`)
}
