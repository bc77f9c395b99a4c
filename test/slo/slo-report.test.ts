import { describe, expect, it } from 'vitest'
import { buildSloReport, sloWindows } from '../../src/slo/slo-report.ts'

const asOf = new Date('2026-11-22T10:00:00.000Z')

describe('the report of the objectives', () => {
  it('asks for the last 30 days and for every window of a burn rate, all up to one instant', () => {
    const windows = sloWindows(asOf)
    expect(new Set(windows.map(({ to }) => to))).toEqual(new Set([asOf]))
    expect(windows.map(({ from }) => from.toISOString())).toEqual([
      '2026-10-23T10:00:00.000Z',
      '2026-11-22T09:55:00.000Z',
      '2026-11-22T09:30:00.000Z',
      '2026-11-22T09:00:00.000Z',
      '2026-11-22T08:00:00.000Z',
      '2026-11-22T04:00:00.000Z',
      '2026-11-21T10:00:00.000Z',
      '2026-11-19T10:00:00.000Z',
    ])
  })

  it('tells ratio, budget and burn rates of each objective from the totals of its windows', () => {
    const latency = (good: number, total: number) => [{ objective: 'latency' as const, good, total }]
    const totals = [
      [...latency(99_500, 100_000), { objective: 'availability' as const, good: 999, total: 999 }],
      ...[latency(0, 0), latency(99, 100), latency(190, 200), latency(400, 400)],
      ...[latency(8_000, 10_000), latency(19_000, 20_000), latency(30_000, 30_000)],
    ]
    const report = buildSloReport(asOf, totals)
    expect(report.asOf).toBe('2026-11-22T10:00:00.000Z')
    expect(report.objectives.map(({ name }) => name)).toEqual([
      'availability',
      'latency',
      'health',
      'freshness',
      'cold_start',
    ])
    expect(report.objectives[1]).toEqual({
      name: 'latency',
      target: 0.99,
      windowDays: 30,
      good: 99_500,
      total: 100_000,
      ratio: 0.995,
      budgetRemaining: 0.5,
      enoughData: true,
      burnRates: [
        { window: '5m', rate: null, events: 0 },
        { window: '30m', rate: 1, events: 100 },
        { window: '1h', rate: 5, events: 200 },
        { window: '2h', rate: 0, events: 400 },
        { window: '6h', rate: 20, events: 10_000 },
        { window: '1d', rate: 5, events: 20_000 },
        { window: '3d', rate: 0, events: 30_000 },
      ],
    })
  })

  it('concludes nothing from too few events, and tells no figure without one', () => {
    const report = buildSloReport(asOf, [[{ objective: 'availability', good: 999, total: 999 }]])
    expect(report.objectives[0]).toMatchObject({
      good: 999,
      total: 999,
      ratio: 1,
      budgetRemaining: 1,
      enoughData: false,
    })
    expect(report.objectives[2]).toMatchObject({
      ...{ good: 0, total: 0, ratio: null, budgetRemaining: null, enoughData: false },
      burnRates: expect.arrayContaining([{ window: '3d', rate: null, events: 0 }]),
    })
  })

  it('concludes from the least number of events that is enough', () => {
    const report = buildSloReport(asOf, [[{ objective: 'availability', good: 1_000, total: 1_000 }]])
    expect(report.objectives[0]?.enoughData).toBe(true)
  })
})
