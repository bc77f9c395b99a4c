import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exporterMetrics } from '../../scripts/dashboards/postgres-exporter.ts'
import { metricDefinitions } from '../../src/telemetry/metric-definitions.ts'
import { type BusyService, startBusyService } from '../support/busy-service.ts'
import { loadBoards, withValues } from '../support/dashboards.ts'
import { type Series, seriesOf } from '../support/exposition-series.ts'
import { matches, parsePromql } from '../support/promql.ts'

const boards = loadBoards()
const queries = boards.flatMap((board) => board.queries).filter(({ source }) => source === 'prometheus')

let busy: BusyService
let series: Series[]
beforeAll(async () => {
  busy = await startBusyService()
  series = seriesOf(await busy.exposition())
})
afterAll(() => busy[Symbol.asyncDispose]())

/** What is wrong with a query, by the series that exist; nothing when each of its selectors finds some. */
function faults(expr: string, existing: readonly Series[]): string[] {
  const { selectors, groupings, made } = parsePromql(withValues(expr))
  const known = new Set(made)
  const found = selectors.flatMap(({ metric, matchers }) => {
    const external = exporterMetrics[metric]
    const labelSets = external === undefined ? existing.filter(({ name }) => name === metric) : []
    const names = new Set([...(external ?? []), ...labelSets.flatMap(({ labels }) => Object.keys(labels))])
    for (const name of names) known.add(name)
    const unknown = matchers.filter(({ label }) => !names.has(label)).map(({ label }) => `${metric} has no ${label}`)
    if (external !== undefined || unknown.length > 0) return unknown
    return labelSets.some(({ labels }) => matches(labels, matchers)) ? [] : [`${metric}: nothing is selected`]
  })
  return [...found, ...groupings.filter((label) => !known.has(label)).map((label) => `nothing has ${label}`)]
}

describe('the boards against the metrics of a running service', () => {
  it('ask in every query for a metric with labels and values that exist', () => {
    expect(queries.length).toBeGreaterThan(70)
    const wrong = queries.map(({ where, expr }) => [where, faults(expr, series)] as const)
    expect(wrong.filter(([, found]) => found.length > 0)).toEqual([])
  })

  it('would be refused with a metric, a label or a value that does not exist', () => {
    expect(faults('sum(rate(http_requests_total[1m]))', series)).toEqual(['http_requests_total: nothing is selected'])
    expect(faults('sum by (path) (http_request_duration_seconds_count)', series)).toEqual(['nothing has path'])
    expect(faults('health_check_status{name="database"}', series)).toEqual(['health_check_status has no name'])
    expect(faults('health_check_status{check="databse"}', series)).toEqual(['health_check_status: nothing is selected'])
    expect(() => faults('sum(rate(up[1m])', series)).toThrow('no PromQL')
  })

  it('show every metric of the service somewhere', () => {
    const shown = new Set(
      queries.flatMap(({ expr }) => parsePromql(withValues(expr)).selectors.map(({ metric }) => metric)),
    )
    const names = Object.values(metricDefinitions).map(({ name }) => name)
    const isShown = (name: string) => ['', '_bucket', '_sum', '_count'].some((suffix) => shown.has(name + suffix))
    expect(names.filter((name) => !isShown(name))).toEqual(['history_spool_bytes'])
  })

  it('offer regions and machines that build_info has', () => {
    const variables = boards.flatMap(({ board }) => board.templating?.list ?? []).filter(({ type }) => type === 'query')
    expect(variables).toHaveLength(3 * boards.filter(({ name }) => name !== 'logs').length)
    for (const { query } of variables) {
      const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(String(query)) ?? []
      const [{ metric, matchers } = { metric: '', matchers: [] }] = parsePromql(withValues(selector)).selectors
      const values = series.filter(({ name, labels }) => name === metric && matches(labels, matchers))
      expect(values.map(({ labels }) => labels[label])).toEqual([
        { region: 'iad', machine: '28715d4c671438', instance: 'test:9091' }[label],
      ])
    }
  })
})
