/** A report of COUNT observations in all four formats: CPU per observation, and the peak of memory. */
import type { Observation } from '../../src/observation/observation.ts'
import { createAssessment } from '../../src/report/assessment.ts'
import { defaultCriteria } from '../../src/report/criterion.ts'
import { renderHtml } from '../../src/report/format/html.ts'
import { renderJson } from '../../src/report/format/json.ts'
import { renderJunit } from '../../src/report/format/junit.ts'
import { renderMarkdown } from '../../src/report/format/markdown.ts'
import { durations, random } from '../../test/support/random.ts'

const count = Number(process.argv[2])
const next = random(1)
const firstMs = Date.UTC(2026, 10, 22)

/** One each 15 s of two machines; one in 500 cold, one in 200 bad, a new version each 50,000. */
function observation(index: number, durationMs: number): Observation {
  const atMs = firstMs + index * 15_000
  const cold = next() < 0.002
  const bad = next() < 0.005
  return {
    ...{ id: String(index), at: new Date(atMs).toISOString(), target: 'bench', source: 'bench', region: 'iad' },
    ...{ machine: index % 2 === 0 ? 'm1' : 'm2', version: `1.${Math.floor(index / 50_000)}.0` },
    durationMs: cold ? 2_000 : durationMs,
    uptimeMs: cold ? 800 : 1_000_000 + index * 15_000,
    statusCode: bad ? 503 : 200,
    healthStatus: bad ? 'unhealthy' : 'healthy',
    reasons: bad ? [{ check: 'database', code: 'timeout' }] : [],
    databaseMs: 2,
  }
}

const assessment = createAssessment({ target: 'bench', criteria: defaultCriteria })
let assessingMs = 0
for (let done = 0; done < count; done += 1_000) {
  // Made outside of what is timed, and few at a time, as they come from a file.
  const batch = durations(next, 1_000).map((durationMs, index) => observation(done + index, durationMs))
  const before = process.cpuUsage()
  for (const made of batch) assessment.add(made)
  assessingMs += cpuMsSince(before)
}
const before = process.cpuUsage()
const report = assessment.finish({ evidence: { gaps: [] } })
const written = [renderMarkdown, renderHtml, renderJson, renderJunit].reduce(
  (sum, render) => sum + render(report).length,
  0,
)
const writingMs = cpuMsSince(before)
process.stdout.write(
  JSON.stringify({
    cpuMs: assessingMs + writingMs,
    cpuUs: ((assessingMs + writingMs) * 1_000) / count,
    writingMs,
    peakMib: process.resourceUsage().maxRSS / 1_024,
    writtenKb: written / 1_000,
  }),
)

function cpuMsSince(usage: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(usage)
  return (user + system) / 1_000
}
