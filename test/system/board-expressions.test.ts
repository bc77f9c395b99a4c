import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadBoards, withValues } from '../support/dashboards.ts'

const queries = loadBoards().flatMap((board) => board.queries)

function expressionOf(where: string): string {
  const found = queries.filter((query) => query.where === where)
  expect(found, where).toHaveLength(1)
  return withValues(found[0]?.expr ?? '')
}

interface Case {
  /** By series: its samples at every minute, in promtool's notation. */
  readonly series: Readonly<Record<string, string>>
  readonly at: string
  /** By labels. */
  readonly expected: Readonly<Record<string, number>>
}

/**
 * What promtool's own PromQL makes of an expression over these samples; nothing when it is what was expected.
 * https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
 */
function complaints(expr: string, { series, at, expected }: Case): string {
  const directory = mkdtempSync(join(tmpdir(), 'medio-promtool-'))
  const test = {
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      { expr, eval_time: at, exp_samples: Object.entries(expected).map(([labels, value]) => ({ labels, value })) },
    ],
  }
  writeFileSync(join(directory, 'test.yml'), JSON.stringify({ rule_files: [], tests: [test] }))
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'test.yml'], {
    cwd: directory,
    encoding: 'utf8',
  })
  rmSync(directory, { recursive: true, force: true })
  return status === 0 ? '' : `${stdout}${stderr}`
}

const one = 'instance="one"'
const build = (version: string) => `build_info{${one},machine="m1",region="iad",version="${version}",commit="c"}`
const starts = (reason: string) => `machine_starts_total{${one},kind="boot",reason="${reason}"}`

describe('the marks of deployments', () => {
  const expr = expressionOf('service: annotation Deployments')
  it('are there when a version is first seen, and gone a few minutes later', () => {
    const series = { [build('1')]: '1x100 stale', [build('2')]: '_x101 1x100' }
    const second = { '{version="2", commit="c"}': 1 }
    expect(complaints(expr, { series, at: '1h42m', expected: second })).toBe('')
    expect(complaints(expr, { series, at: '1h50m', expected: {} })).toBe('')
  })

  it('are not made by a machine that slept for the night', () => {
    const series = { [build('1')]: '1x60 stale _x600 1x60' }
    expect(complaints(expr, { series, at: '11h3m', expected: {} })).toBe('')
  })
})

describe('the marks of starts', () => {
  const expr = expressionOf('service: annotation Starts and resumes')
  it('are there for the first start, whose counter begins at 1, and for each one after', () => {
    const series = { [starts('deploy')]: '_x10 1x100', [starts('wake')]: '0x60 1x50' }
    const mark = (reason: string) => `{instance="one", kind="boot", reason="${reason}"}`
    expect(complaints(expr, { series, at: '11m', expected: { [mark('deploy')]: 1 } })).toBe('')
    expect(complaints(expr, { series, at: '62m', expected: { [mark('wake')]: 1 } })).toBe('')
    expect(complaints(expr, { series, at: '70m', expected: {} })).toBe('')
  })
})

describe('the starts of the last hour', () => {
  const expr = expressionOf('health: Starts within the last hour, by reason')
  const by = (reason: string) => `{kind="boot", reason="${reason}"}`
  it('count a wake after hours of sleep, which no sample of the hour before tells', () => {
    const series = { [starts('wake')]: '7x60 stale _x300 8x20 9x30' }
    expect(complaints(expr, { series, at: '6h40m', expected: { [by('wake')]: 2 } })).toBe('')
  })

  it('are none for a machine that came back after days, whatever it has counted', () => {
    const series = { [starts('wake')]: '700x10 stale _x2000 701x30' }
    expect(complaints(expr, { series, at: '33h50m', expected: { [by('wake')]: 0 } })).toBe('')
  })
})

describe('the cost board', () => {
  const seconds = `machine_running_seconds_total{${one}}`
  it('counts the time that machines ran, and not the time that they slept', () => {
    const series = { [build('1')]: '1x20 stale _x20 1x20', [seconds]: '0+60x20 stale _x20 1260+60x20' }
    const at = '59m'
    expect(
      complaints(expressionOf('cost: Hours run'), { series, at, expected: { '{}': (1_260 + 17 * 60) / 3_600 } }),
    ).toBe('')
  })

  it('prices a machine by its region, and shows a region that has no price', () => {
    const elsewhere = build('1').replace('one', 'two').replace('iad', 'xyz')
    const series = { [build('1')]: '1x2000', [elsewhere]: '1x2000', [seconds]: '0+60x2000' }
    const month = expressionOf('cost: A month at the pace of the last day')
    const usd = 86_400 * 30 * 7.50386e-7
    expect(complaints(month, { series, at: '30h', expected: { '{}': usd } })).toBe('')
    const unpriced = expressionOf('cost: Regions without a price')
    expect(complaints(unpriced, { series, at: '30h', expected: { '{}': 1 } })).toBe('')
  })
})

describe('the objectives', () => {
  it('are the share of good events, the budget that is left of it, and its rate of burning', () => {
    const of = (outcome: string) => `slo_events_total{${one},objective="availability",outcome="${outcome}"}`
    const series = { [of('good')]: '0+9990x60', [of('bad')]: '0+10x60' }
    const at = '1h'
    const good = expressionOf('objectives: availability: good')
    expect(complaints(`round(${good}, 0.0001)`, { series, at, expected: { '{}': 0.999 } })).toBe('')
    const left = expressionOf('objectives: availability: budget left')
    expect(complaints(`round(${left}, 0.001) + 1`, { series, at, expected: { '{}': 1 } })).toBe('')
  })
})
