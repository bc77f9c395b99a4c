import type { Report } from './report.ts'
import { appendix } from './sections/appendix.ts'
import { autoStop } from './sections/auto-stop.ts'
import { availability } from './sections/availability.ts'
import { checkSeries } from './sections/check-series.ts'
import { comparison } from './sections/comparison.ts'
import { costs } from './sections/costs.ts'
import { criteria } from './sections/criteria.ts'
import { database } from './sections/database.ts'
import { findings } from './sections/findings.ts'
import { logs } from './sections/logs.ts'
import { machines } from './sections/machines.ts'
import { objectives } from './sections/objectives.ts'
import { readiness } from './sections/readiness.ts'
import { responseTimes } from './sections/response-times.ts'
import type { Section } from './sections/section.ts'
import { stability } from './sections/stability.ts'
import { summary } from './sections/summary.ts'

/** In the order of reading. */
const sections = [
  summary,
  checkSeries,
  responseTimes,
  availability,
  objectives,
  machines,
  logs,
  database,
  autoStop,
  criteria,
  comparison,
  costs,
  stability,
  readiness,
  findings,
  appendix,
]

export const sectionsOf = (report: Report): Section[] => sections.flatMap((section) => section(report) ?? [])
