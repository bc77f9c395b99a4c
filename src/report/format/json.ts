import type { CriterionResult, LatencyFigures, Report } from '../report.ts'

/** `report.json`: the keys are public (docs/report.md), and within a schema version none goes away. `beside`: what only an answer of the service has. */
export function renderJson(report: Report, beside: Readonly<Record<string, unknown>> = {}): string {
  const { all, warm, cold } = report.latencyMs
  const { observations, ok, failed, invalidLines, ...kinds } = report.counts
  const document = {
    schemaVersion: 1,
    target: report.target,
    from: report.from,
    to: report.to,
    verdict: report.verdict,
    counts: {
      ...{ observations, ok, failed },
      ...{ cold: kinds.cold, resume: kinds.resume, warm: kinds.warm, unclassified: kinds.unclassified },
      invalidLines,
    },
    latencyMs: { all: latency(all), warm: latency(warm), cold: latency(cold) },
    availability: report.availability,
    criteria: report.criteria.map(criterion),
    machines: report.machines,
    findings: report.findings,
    ...beside,
  }
  return `${JSON.stringify(document, null, 2).replaceAll(/\[\n\s+([\d.e+-]+),\n\s+(\d+)\n\s+\]/g, '[$1, $2]')}\n`
}

function latency(figures: LatencyFigures) {
  const { count, min, mean, max, p50, p75, p90, p95, p99, histogram } = figures
  return { count, min, mean, max, p50, p75, p90, p95, p99, histogram }
}

function criterion({ id, population, target, value, unit, verdict, evidence }: CriterionResult) {
  return { id, population, target, value, unit, verdict, evidence }
}
