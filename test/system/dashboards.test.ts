import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type BusyService, startBusyService } from '../support/busy-service.ts'
import { legendLabels, loadBoards, withValues } from '../support/dashboards.ts'
import { type ScrapingPrometheus, startScrapingPrometheus } from './scraping-prometheus.ts'

/**
 * What has nothing to show while all is well: no request told whether it met a cold start, no region lacks a price, and
 * the time that the machine ran was stored once.
 */
const emptyWhileWell = [
  'cost: Regions without a price',
  'cost: Requests per dollar',
  'health: Requests that met a cold start',
  'health: Status of the service by machine',
  'objectives: cold start: budget left',
  'objectives: cold start: burn rate',
  'objectives: cold start: good',
]

let busy: BusyService
let prometheus: ScrapingPrometheus
beforeAll(async () => {
  busy = await startBusyService()
  prometheus = await startScrapingPrometheus(Number(new URL(busy.service.metricsUrl).port))
  const found = async (expr: string) =>
    vi.waitFor(async () => expect((await prometheus.query(expr)).data.result).toHaveLength(1), 30_000)
  await found('count_over_time(build_info[1m]) >= 2')
  await busy.traffic()
  await found('increase(business_actions_total{action="observation_stored"}[1m]) > 0')
  // The machine looks at its health every 15 s.
  await found('increase(slo_events_total{objective="health",outcome="good"}[1m]) > 0')
}, 60_000)
afterAll(async () => {
  await prometheus[Symbol.asyncDispose]()
  await busy[Symbol.asyncDispose]()
})

const queries = loadBoards()
  .flatMap((board) => board.queries)
  .filter(({ source }) => source === 'prometheus')

describe('every query of a board, asked of a real Prometheus', () => {
  it('is answered without error or warning, now and over a range', async () => {
    const wrong: unknown[] = []
    for (const { where, expr } of queries) {
      for (const ask of [prometheus.query, prometheus.queryRange]) {
        const { status, error, warnings } = await ask(withValues(expr))
        if (status !== 'success' || warnings !== undefined) wrong.push({ where, error, warnings })
      }
    }
    expect(wrong).toEqual([])
    expect((await prometheus.query('sum by (')).status).toBe('error')
  })

  it('finds series that have the labels of its legend, but where there is nothing to show', async () => {
    const empty = new Set<string>()
    const unlabelled: unknown[] = []
    for (const { where, expr, legend } of queries) {
      if (/\bpg_/.test(expr)) continue
      const { data } = await prometheus.query(withValues(expr))
      if (data.result.length === 0) empty.add(where)
      const lacks = legendLabels(legend).filter((label) => data.result.some(({ metric }) => !(label in metric)))
      if (lacks.length > 0) unlabelled.push({ where, lacks })
    }
    expect(unlabelled).toEqual([])
    expect([...empty].toSorted()).toEqual(emptyWhileWell.toSorted())
  })
})
