import type { Finding, Report } from '../report.ts'

/** All that is known when rules are applied. */
export type ReportFacts = Omit<Report, 'findings'>

/** A rule reads facts and names its evidence; it says nothing where there is none. */
export interface FindingRule {
  readonly name: string
  find(facts: ReportFacts): Omit<Finding, 'rule'> | undefined
}
