import { describe, expect, it } from 'vitest'
import { objectives } from '../../src/slo/objectives.ts'
import { sloObjectives } from '../../src/telemetry/metric-definitions.ts'

describe('the objectives', () => {
  it('are those whose events are counted, each once and in the same order', () => {
    expect(objectives.map(({ name }) => name)).toEqual(sloObjectives)
  })

  it('wake nobody for latency, freshness or cold starts', () => {
    const paging = objectives.filter(({ alert }) => alert === 'page').map(({ name }) => name)
    expect(paging).toEqual(['availability', 'health'])
  })

  it.each(objectives)('let no single event use up the budget of $name', ({ target, minimumEvents }) => {
    expect(target).toBeGreaterThan(0)
    expect(target).toBeLessThan(1)
    expect(minimumEvents * (1 - target)).toBeGreaterThanOrEqual(1 - 1e-9)
  })
})
