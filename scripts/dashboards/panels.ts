/** The kinds of panels, each from a few facts: all boards look alike, and none lacks a unit or an explanation. */
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { MappingType, ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as LogsBuilder } from '@grafana/grafana-foundation-sdk/logs'
import { DataqueryBuilder as LogQueryBuilder } from '@grafana/grafana-foundation-sdk/loki'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { loki, prometheus } from './selection.ts'

export interface PanelQuery {
  readonly expr: string
  /** Of a series, with its labels in double braces. */
  readonly legend?: string
}

export interface PanelFacts {
  readonly title: string
  /** What it shows, and what to do when it looks wrong. */
  readonly description: string
  /** Of Grafana: `s`, `bytes`, `percentunit`, `reqps`, ... */
  readonly unit: string
  readonly queries: readonly PanelQuery[]
  /** From which value on a figure is no longer green. */
  readonly thresholds?: Thresholds
  /** Of the 24 columns of a board. */
  readonly width: number
  /** In rows of about 30 pixels. */
  readonly height?: number
  readonly max?: number
}

interface Thresholds {
  /** Of what lies below the first limit. Default: green, since most figures are bad when they are high. */
  readonly below?: Colour
  readonly from: readonly (readonly [limit: number, colour: Colour])[]
}
type Colour = 'green' | 'yellow' | 'orange' | 'red'

const lineRows = 8
const numberRows = 4

/** Figures over time. `stacked`: parts of a whole. */
export function lines(facts: PanelFacts & { readonly stacked?: boolean }): TimeSeriesBuilder {
  const { title, description, unit, queries, thresholds, width, height = lineRows, max, stacked = false } = facts
  const panel = new TimeSeriesBuilder()
    .title(title)
    .description(description)
    .datasource(prometheus)
    .unit(unit)
    .min(0)
    .span(width)
    .height(height)
    .lineWidth(1)
    .fillOpacity(stacked ? 30 : 5)
    .showPoints(VisibilityMode.Auto)
    .stacking(new StackingConfigBuilder().mode(stacked ? StackingMode.Normal : StackingMode.None))
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .targets(queries.map((query, index) => rangeQuery(query, index)))
  if (max !== undefined) panel.max(max)
  if (thresholds === undefined) return panel
  return panel
    .thresholds(steps(thresholds))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
}

/** The figure of now, large, above its course. */
export function figure(facts: PanelFacts & { readonly noValue?: string }): StatBuilder {
  const { title, description, unit, queries, thresholds, width, height = numberRows, noValue = 'no data' } = facts
  return new StatBuilder()
    .title(title)
    .description(description)
    .datasource(prometheus)
    .unit(unit)
    .span(width)
    .height(height)
    .noValue(noValue)
    .graphMode(BigValueGraphMode.Area)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(steps(thresholds ?? { from: [] }))
    .targets(queries.map((query, index) => rangeQuery(query, index)))
}

/** A figure over the whole range that is shown, asked for once. */
export function total(facts: PanelFacts & { readonly noValue?: string }): StatBuilder {
  return figure(facts)
    .graphMode(BigValueGraphMode.None)
    .targets(facts.queries.map((query, index) => instantQuery(query, index)))
}

/** One row per series with its labels, as they are now. */
export function table(facts: PanelFacts): TableBuilder {
  const { title, description, unit, queries, thresholds, width, height = lineRows } = facts
  return new TableBuilder()
    .title(title)
    .description(description)
    .datasource(prometheus)
    .unit(unit)
    .span(width)
    .height(height)
    .thresholds(steps(thresholds ?? { from: [] }))
    .targets(queries.map((query, index) => instantQuery(query, index).format(PromQueryFormat.Table)))
    .withTransformation({ id: 'organize', options: { excludeByName: { Time: true } } })
}

/** Statuses over time, one bar per series: 1 healthy, 0.5 degraded, 0 unhealthy or stale. */
export function states(facts: PanelFacts): StateTimelineBuilder {
  const { title, description, unit, queries, width, height = lineRows } = facts
  const words = [
    ['0', 'unhealthy or stale', 'red'],
    ['0.5', 'degraded', 'yellow'],
    ['1', 'healthy', 'green'],
  ] as const
  const options = Object.fromEntries(words.map(([value, text, color], index) => [value, { text, color, index }]))
  return new StateTimelineBuilder()
    .title(title)
    .description(description)
    .datasource(prometheus)
    .unit(unit)
    .span(width)
    .height(height)
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .mappings([{ type: MappingType.ValueToText, options }])
    .targets(queries.map((query, index) => rangeQuery(query, index)))
}

/** Lines of the log, the newest first. */
export function logLines(facts: Pick<PanelFacts, 'title' | 'description' | 'width' | 'height'> & { expr: string }) {
  const { title, description, width, height = lineRows, expr } = facts
  return new LogsBuilder()
    .title(title)
    .description(description)
    .datasource(loki)
    .span(width)
    .height(height)
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true)
    .targets([new LogQueryBuilder().refId('A').datasource(loki).expr(expr).queryType('range')])
}

/** What a LogQL query counts, over time. */
export function logCounts(facts: PanelFacts): TimeSeriesBuilder {
  return lines(facts)
    .datasource(loki)
    .targets(
      facts.queries.map(({ expr, legend = '' }, index) =>
        new LogQueryBuilder().refId(refId(index)).datasource(loki).expr(expr).legendFormat(legend).queryType('range'),
      ),
    )
}

function rangeQuery({ expr, legend = '' }: PanelQuery, index: number): DataqueryBuilder {
  return new DataqueryBuilder().refId(refId(index)).datasource(prometheus).expr(expr).legendFormat(legend).range()
}

function instantQuery({ expr, legend = '' }: PanelQuery, index: number): DataqueryBuilder {
  return new DataqueryBuilder().refId(refId(index)).datasource(prometheus).expr(expr).legendFormat(legend).instant()
}

const refId = (index: number) => String.fromCharCode('A'.charCodeAt(0) + index)

function steps({ below = 'green', from }: Thresholds): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: below }, ...from.map(([value, color]) => ({ value, color }))])
}
