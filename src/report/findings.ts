import { abnormalExits } from './findings/abnormal-exits.ts'
import { baselineWorse } from './findings/baseline-worse.ts'
import { databaseUnreachable } from './findings/database-unreachable.ts'
import { degraded } from './findings/degraded.ts'
import { fewSamples } from './findings/few-samples.ts'
import type { FindingRule, ReportFacts } from './findings/finding-rule.ts'
import { gatewayErrors } from './findings/gateway-errors.ts'
import { logErrors } from './findings/log-errors.ts'
import { noAnswer } from './findings/no-answer.ts'
import { oneBadMachine } from './findings/one-bad-machine.ts'
import { outages } from './findings/outages.ts'
import { poolPressure } from './findings/pool-pressure.ts'
import { probeKeepsAwake } from './findings/probe-keeps-awake.ts'
import { proberTrouble } from './findings/prober-trouble.ts'
import { singleMachine } from './findings/single-machine.ts'
import { slowColdStarts } from './findings/slow-cold-starts.ts'
import { slowStatements } from './findings/slow-statements.ts'
import { unaskedRestarts } from './findings/unasked-restarts.ts'
import { unclassified } from './findings/unclassified.ts'
import { versionSkew } from './findings/version-skew.ts'
import type { Finding } from './report.ts'

/** In the order of a report, within the same severity. */
export const findingRules: readonly FindingRule[] = [
  outages,
  databaseUnreachable,
  abnormalExits,
  oneBadMachine,
  noAnswer,
  gatewayErrors,
  unaskedRestarts,
  degraded,
  slowColdStarts,
  slowStatements,
  poolPressure,
  logErrors,
  versionSkew,
  baselineWorse,
  singleMachine,
  probeKeepsAwake,
  proberTrouble,
  fewSamples,
  unclassified,
]

const severities = ['critical', 'warning', 'note'] as const

/** What follows from the data by written rules, the worst first. */
export function findFindings(facts: ReportFacts): Finding[] {
  return findingRules
    .flatMap(({ name, find }) => {
      const found = find(facts)
      return found === undefined ? [] : [{ rule: name, ...found }]
    })
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
}
