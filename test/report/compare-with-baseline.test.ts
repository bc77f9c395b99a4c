import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/observation/observation.ts'
import { renderJson } from '../../src/report/format/json.ts'
import { readBaseline } from '../../src/report/read-baseline.ts'
import { durations, random } from '../support/random.ts'
import { assess, recordedRun } from './recorded-run.ts'

function run(seed: number, count: number, { medianMs = 60, bad = 0 } = {}): Observation[] {
  return durations(random(seed), count, medianMs).map((durationMs, index) => ({
    ...{
      id: `id-${index}`,
      at: new Date(1_763_805_600_000 + index * 60_000).toISOString(),
      target: 'api',
      source: 'p',
    },
    ...{ durationMs, statusCode: index < bad ? 503 : 200, healthStatus: index < bad ? 'unhealthy' : 'healthy' },
    uptimeMs: 100_000 + index * 60_000,
  }))
}

function compared(before: readonly Observation[], now: readonly Observation[]) {
  const { baseline } = readBaseline(renderJson(assess(before)))
  if (baseline === undefined) throw new Error('the report.json of a run can be read')
  const rows = assess(now, { baseline }).comparison?.rows ?? []
  return Object.fromEntries(rows.map(({ what, change }) => [what, change]))
}

describe('the comparison with an earlier report.json', () => {
  it('shows no difference of a run to itself', () => {
    expect(compared(recordedRun, recordedRun)).toEqual({
      'latency, all': 'none_shown',
      'latency, warm': 'none_shown',
      'latency, cold': 'not_enough_data',
      availability: 'none_shown',
    })
  })

  it('shows none between two runs of the same service', () => {
    expect(compared(run(1, 200), run(2, 300))).toMatchObject({
      'latency, all': 'none_shown',
      availability: 'none_shown',
    })
  })

  it('shows a third more time, and a tenth of failures', () => {
    const changes = compared(run(1, 200), run(2, 200, { medianMs: 80, bad: 20 }))
    expect(changes).toMatchObject({ 'latency, all': 'worse', availability: 'worse' })
    expect(compared(run(2, 200, { medianMs: 80, bad: 20 }), run(1, 200))).toMatchObject({
      'latency, all': 'better',
      availability: 'better',
    })
  })

  it('does not call a difference of 2 % one, however sure it is', () => {
    expect(compared(run(1, 40_000), run(2, 40_000, { medianMs: 61 }))['latency, all']).toBe('none_shown')
  })

  it('names the test, its result, the effect and the counts', () => {
    const { baseline } = readBaseline(renderJson(assess(recordedRun)))
    const [row] = assess(recordedRun, baseline === undefined ? {} : { baseline }).comparison?.rows ?? []
    expect(row).toMatchObject({ before: 66, now: 66, unit: 'ms' })
    expect(row?.evidence).toBe(
      'Mann–Whitney p = 1.000; an answer now is slower than one before with a chance of 50.0 % (50 % is no difference); 39 answers before, 39 answers now',
    )
  })
})

describe('a baseline file', () => {
  it.each([
    ['no report', '{}', 'schemaVersion: '],
    ['a report of another version', '{"schemaVersion":2}', 'schemaVersion: expected 1'],
  ])('that is %s is refused', (_what, text, problem) => {
    const problems = readBaseline(text).problems ?? []
    expect(problems.some((found) => found.startsWith(problem))).toBe(true)
  })
})
