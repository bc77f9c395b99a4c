/** What running costs, from measured time and the dated prices of ops/fly-prices.json, beside what users did for it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import prices from '../../ops/fly-prices.json' with { type: 'json' }
import { runningUsd } from '../../src/report/machine-costs.ts'
import { shapeOf } from '../deploy-tables.ts'
import { board } from './board.ts'
import { lines, table, total } from './panels.ts'
import { rate, selected, withMachine } from './selection.ts'

/** Fly bills by the second and names prices for 30 days. https://fly.io/docs/about/billing/ */
const monthSeconds = 30 * 24 * 3_600
const flyToml = readFileSync(join(import.meta.dirname, '../../fly.toml'), 'utf8')
const { size } = shapeOf(flyToml)

/** Dollars of one second of a machine as fly.toml has it, one series per region that has a price. */
const pricePerSecond = Object.keys(prices.machine.regionFactor)
  .map((region) => {
    const usd = runningUsd(prices.machine, { ...size, region }) / monthSeconds
    return `label_replace(vector(${usd.toPrecision(6)}), "region", "${region}", "", "")`
  })
  .join(' or ')

const running = selected('machine_running_seconds_total')
/**
 * Seconds within a window, of counters that go on where they were after a gap: the difference of the ends, which also
 * counts what a machine ran before its first sample of the window, if it was seen in it at all.
 */
const secondsWithin = (window: string) =>
  `(max_over_time(${running}[${window}]) - min_over_time(${running}[${window}]))`
const secondsByRegion = (window: string) => `sum by (region) (${withMachine(secondsWithin(window), window)})`
const spent = (window: string) => `sum(${secondsByRegion(window)} * on (region) group_left () (${pricePerSecond}))`

const priced = `${size.sharedCpus} shared CPU and ${size.memoryGb * 1_024} MB, by prices read on ${prices.readOn}`

export const costBoard = board({
  name: 'cost',
  title: 'Medio: cost and business',
  description: `What do the machines cost (${priced}), and what did users do for it? Bills have more: traffic, volumes, Postgres.`,
  from: 'now-7d',
  sources: ['prometheus'],
  rows: {
    'What it costs': [
      total({
        title: 'Spent on running machines',
        description: `Dollars over the range that is shown, for ${priced}. A region without a price is not in it.`,
        unit: 'currencyUSD',
        width: 6,
        queries: [{ expr: spent('$__range') }],
      }),
      total({
        title: 'A month at the pace of the last day',
        description: 'Dollars for 30 days. CostAboveBudget warns; fewer machines or another profile of fly.toml help.',
        unit: 'currencyUSD',
        width: 6,
        queries: [{ expr: `${spent('1d')} * 30` }],
      }),
      total({
        title: 'Hours run',
        description: 'Of all selected machines over the range that is shown, stopped time left out.',
        unit: 'h',
        width: 6,
        queries: [{ expr: `sum(${secondsWithin('$__range')}) / 3600` }],
      }),
      total({
        title: 'Regions without a price',
        description: 'Add their regionFactor to ops/fly-prices.json and run npm run generate.',
        unit: 'short',
        width: 6,
        noValue: '0',
        thresholds: { from: [[1, 'yellow']] },
        queries: [
          { expr: `count(count by (region) (${selected('build_info')}) unless on (region) (${pricePerSecond}))` },
        ],
      }),
      lines({
        title: 'Machines running on average, by region',
        description:
          'Seconds run per second, over six hours. Above min_machines_running without traffic: what keeps them up?',
        unit: 'short',
        width: 12,
        stacked: true,
        queries: [{ expr: `${secondsByRegion('6h')} / 21600`, legend: '{{region}}' }],
      }),
      table({
        title: 'Hours run by machine',
        description: 'Over the range that is shown.',
        unit: 'h',
        width: 12,
        queries: [{ expr: `${withMachine(secondsWithin('$__range'), '$__range')} / 3600` }],
      }),
    ],
    'What users did': [
      lines({
        title: 'Actions',
        description: 'What users did, a second. None for long while requests go on: something they need does not work.',
        unit: 'ops',
        width: 12,
        stacked: true,
        queries: [{ expr: `sum by (action) (${rate('business_actions_total')})`, legend: '{{action}}' }],
      }),
      total({
        title: 'Actions over the range',
        description: 'How often each was done since the processes were first collected.',
        unit: 'short',
        width: 6,
        height: 8,
        queries: [
          { expr: `sum by (action) (increase(${selected('business_actions_total')}[$__range]))`, legend: '{{action}}' },
        ],
      }),
      total({
        title: 'Requests per dollar',
        description: 'What a dollar of running time serves. Falling: machines run for nobody.',
        unit: 'short',
        width: 6,
        height: 8,
        queries: [
          {
            expr: `sum(increase(${selected('http_request_duration_seconds_count')}[$__range])) / (${spent('$__range')} > 0)`,
          },
        ],
      }),
    ],
  },
})
