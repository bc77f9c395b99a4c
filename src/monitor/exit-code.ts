import type { Report } from '../report/report.ts'

/** 0 criteria met, 1 one not met, 3 not enough data; of several targets the worst, and 1 is worse than 3. */
export function exitCodeOf(reports: readonly Report[]): 0 | 1 | 3 {
  if (reports.some(({ verdict }) => verdict === 'not_met')) return 1
  return reports.length > 0 && reports.every(({ verdict }) => verdict === 'met') ? 0 : 3
}
