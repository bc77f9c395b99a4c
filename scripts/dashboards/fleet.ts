/** Where machines run, what they run, and whether one region or one machine differs from the rest. */
import { board } from './board.ts'
import { figure, lines, table } from './panels.ts'
import { rate, selected, withMachine } from './selection.ts'

const machines = `max by (machine, region, version, commit) (${selected('build_info')})`
const requests = 'http_request_duration_seconds'

export const fleetBoard = board({
  name: 'fleet',
  title: 'Medio: fleet by region',
  description: 'Which region or machine differs from the rest, and does everything run the same version?',
  from: 'now-24h',
  sources: ['prometheus'],
  rows: {
    'What runs': [
      figure({
        title: 'Machines',
        description: 'That were collected within the last minutes. Stopped ones do not count.',
        unit: 'short',
        width: 6,
        thresholds: { below: 'red', from: [[1, 'green']] },
        queries: [{ expr: `count(${machines})` }],
      }),
      figure({
        title: 'Regions',
        description: 'With a machine that runs. Fewer than usual: its machines are stopped, or gone.',
        unit: 'short',
        width: 6,
        queries: [{ expr: `count(count by (region) (${machines}))` }],
      }),
      figure({
        title: 'Versions',
        description: 'More than one for longer than a deploy takes: a machine was left behind; see the table.',
        unit: 'short',
        width: 6,
        thresholds: { from: [[2, 'yellow']] },
        queries: [{ expr: `count(count by (version, commit) (${machines}))` }],
      }),
      figure({
        title: 'Series that did not fit',
        description: 'Recordings a second that went to an overflow series: a label has too many values.',
        unit: 'ops',
        width: 6,
        thresholds: { from: [[0.001, 'yellow']] },
        queries: [{ expr: `sum(${rate('metrics_series_dropped_total')})` }],
      }),
      table({
        title: 'Machines and what they run',
        description: 'One row per machine. A machine with another commit than the rest missed a deploy.',
        unit: 'none',
        width: 12,
        queries: [{ expr: machines }],
      }),
      lines({
        title: 'Machines by region',
        description: 'Steps are machines that Fly started or stopped for the load.',
        unit: 'short',
        width: 12,
        stacked: true,
        queries: [{ expr: `count by (region) (${machines})`, legend: '{{region}}' }],
      }),
    ],
    'Region against region': [
      lines({
        title: 'Requests by region',
        description: 'Where traffic is answered, which is not always where it comes from.',
        unit: 'reqps',
        width: 8,
        stacked: true,
        queries: [{ expr: `sum by (region) (${withMachine(rate(`${requests}_count`))})`, legend: '{{region}}' }],
      }),
      lines({
        title: 'Latency by region, 95th percentile',
        description: 'A region far from the database is slower by its way to it: compare the statements below.',
        unit: 's',
        width: 8,
        queries: [
          {
            expr: `histogram_quantile(0.95, sum by (le, region) (${withMachine(rate(`${requests}_bucket`))}))`,
            legend: '{{region}}',
          },
        ],
      }),
      lines({
        title: 'Statements by region, mean',
        description: 'Run time of statements. The difference between regions is mostly the network.',
        unit: 's',
        width: 8,
        queries: [
          {
            expr: `sum by (region) (${withMachine(rate('db_query_duration_seconds_sum'))}) / (sum by (region) (${withMachine(rate('db_query_duration_seconds_count'))}) > 0)`,
            legend: '{{region}}',
          },
        ],
      }),
    ],
    'Machine against machine': [
      lines({
        title: 'Requests by machine',
        description: 'The proxy spreads them; one that gets none is not ready, or not in this region.',
        unit: 'reqps',
        width: 12,
        queries: [
          {
            expr: withMachine(`sum by (instance) (${rate(`${requests}_count`)})`),
            legend: '{{machine}} {{region}}',
          },
        ],
      }),
      lines({
        title: 'Memory by machine',
        description: 'Resident bytes of the process. One that rises alone: restart it and keep its log.',
        unit: 'bytes',
        width: 12,
        queries: [{ expr: withMachine(selected('process_resident_memory_bytes')), legend: '{{machine}} {{region}}' }],
      }),
      lines({
        title: 'History that waits for the database',
        description: 'Entries kept on disk while it is away. Not falling after it is back: read history_write_failed.',
        unit: 'short',
        width: 8,
        queries: [{ expr: withMachine(selected('history_spool_entries')), legend: '{{machine}}' }],
      }),
      lines({
        title: 'History that was lost',
        description: 'Records a second by kind: the spool was full, or the database refused them. Never usual.',
        unit: 'ops',
        width: 8,
        thresholds: { from: [[0.001, 'red']] },
        queries: [{ expr: `sum by (kind) (${rate('history_spool_dropped_total')})`, legend: '{{kind}}' }],
      }),
      lines({
        title: 'Cost of a scrape',
        description: 'Time that the last one took to render. Above 50 ms: too many series, or too little CPU.',
        unit: 's',
        width: 8,
        queries: [{ expr: withMachine(selected('metrics_scrape_duration_seconds')), legend: '{{machine}}' }],
      }),
    ],
  },
})
