/**
 * Which machines a dashboard shows. The service's series carry no machine: `build_info` does, and shares `instance` with
 * them, whoever collects (Fly: the machine's id; a Prometheus of one's own: its address). So `$region` and `$machine`
 * choose rows of `build_info`, and the hidden `$instance` is what the panels ask for.
 */
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'

export const prometheus = { type: 'prometheus', uid: '$' + '{datasource}' }
export const loki = { type: 'loki', uid: '$' + '{logs}' }

/** Variables that make a dashboard work with whatever sources a Grafana has, by their kind. */
export function sourceVariable(kind: 'prometheus' | 'loki'): DatasourceVariableBuilder {
  const [name, label] = kind === 'prometheus' ? ['datasource', 'Metrics'] : ['logs', 'Logs']
  return new DatasourceVariableBuilder(name).label(label).type(kind)
}

const everything = { selected: true, text: ['All'], value: ['$__all'] }

function choice(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .query(query)
    .datasource(prometheus)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .current(everything)
}

export const machineVariables = () => [
  choice('region', 'Region', 'label_values(build_info, region)'),
  choice('machine', 'Machine', 'label_values(build_info{region=~"$region"}, machine)'),
  choice('instance', 'Instance', 'label_values(build_info{region=~"$region",machine=~"$machine"}, instance)').hide(
    VariableHide.HideVariable,
  ),
]

/** A metric of the selected machines, with more matchers if wanted: `selected('db_errors_total', 'sqlstate_class="08"')`. */
export function selected(metric: string, ...matchers: readonly string[]): string {
  return `${metric}{${['instance=~"$instance"', ...matchers].join(',')}}`
}

/** Gives series that have `instance` the id of their machine and its region, of those that ran within `lookback`. */
export function withMachine(expression: string, lookback = '5m'): string {
  const machines = `max by (instance, machine, region) (last_over_time(${selected('build_info')}[${lookback}]))`
  return `${expression} * on (instance) group_left (machine, region) ${machines}`
}

/** The rate of a counter of the selected machines over what Grafana finds fit for the scrape interval. */
export const rate = (metric: string, ...matchers: readonly string[]) =>
  `rate(${selected(metric, ...matchers)}[$__rate_interval])`

/** A percentile of a histogram, over the sum of its buckets by the given labels. */
export function percentile(quantile: number, histogram: string, by: readonly string[] = []): string {
  return `histogram_quantile(${quantile}, sum by (${['le', ...by].join(', ')}) (${rate(`${histogram}_bucket`)}))`
}
