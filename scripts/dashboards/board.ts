import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
  TextBoxVariableBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { annotations } from './annotations.ts'
import { machineVariables, sourceVariable } from './selection.ts'

export interface BoardFacts {
  /** Of the file, and with `medio-` before it of the board's address. */
  readonly name: string
  readonly title: string
  /** Which question the board answers, and for whom. */
  readonly description: string
  /** Grafana's time: `now-6h`. */
  readonly from: string
  readonly sources: readonly ('prometheus' | 'loki')[]
  /** Words that the reader may give, by the variable that they fill, with the label of the field. */
  readonly inputs?: Readonly<Record<string, string>>
  /** By the title of their row. */
  readonly rows: Readonly<Record<string, readonly Builder<Panel>[]>>
}

/** Opens at this tag: each board links to the others. */
const tag = 'medio'

/** The board as Grafana reads it from a file. Panels are numbered in order, so that a link to one lasts. */
export function board({ name, title, description, from, sources, inputs = {}, rows }: BoardFacts): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(`medio-${name}`)
    .description(description)
    .tags([tag])
    .readonly()
    .timezone('utc')
    .time({ from, to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Boards')
        .type(DashboardLinkType.Dashboards)
        .tags([tag])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
  for (const source of sources) builder.withVariable(sourceVariable(source))
  if (sources.includes('prometheus')) {
    for (const variable of machineVariables()) builder.withVariable(variable)
    builder.annotations(annotations())
  }
  for (const [variable, label] of Object.entries(inputs)) {
    builder.withVariable(new TextBoxVariableBuilder(variable).label(label).defaultValue(''))
  }
  let id = 1
  for (const [rowTitle, panels] of Object.entries(rows)) {
    builder.withRow(new RowBuilder(rowTitle).id(id++))
    for (const panel of panels) builder.withPanel(withId(panel, id++))
  }
  return builder.build()
}

function withId(panel: Builder<Panel>, id: number): Builder<Panel> {
  return { build: () => ({ ...panel.build(), id }) }
}
